/*
 * rivergate-bench-window: what planning costs, and what a million consignments hold in memory
 *
 *     rivergate-bench-window plan REGISTRY DIRECTORIES PIN
 *     rivergate-bench-window fold REGISTRY DIRECTORIES PIN FOLDER COUNT
 *
 * Method: the trust of a federation whose profiles have hundreds of rules each.
 *
 *     plan  ROUNDS times in turn, in processor time: P-256 verifications as the router makes
 *           them; then the plans of declarations, each with all of its legs and the time of the
 *           next rule on each, as the window computes them. The ratio is the median of the rounds
 *     fold  records through the window with its rows on disk, as the core gives them to it: a
 *           declaration for each consignment, for every fourth an arrival or a decision. What is
 *           derived is over at once, but that for every sixteenth consignment, whose destinations
 *           are down. RssAnon is read all along
 *
 * One JSON object on standard output. Exit: 0 done, 2 usage, 3 could not.
 * Threads: one.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "rules/plan.h"
#include "rules/window.h"
#include "sign/key.h"
#include "window/disk.h"

#define ROUNDS      11
#define VERIFIES    400
#define PLANS       2000
#define SIGNED_LEN  400 /* of a header, about */
#define KINDS       97  /* of declarations that are planned */
#define GOODS       3
#define LEGS        3
#define TEXT_LEN    32
#define START_US    INT64_C(1790000000000000)
#define STEP_US     1000 /* between two records */
#define SAMPLE_EACH 1024 /* records between two looks at the memory */
#define DECIDE_EACH 4
#define DOWN_EACH   16

/* --- Declarations ------------------------------------------------------------------------- */

struct route {
	const char *from; /* who lodges */
	struct {
		const char *country;
		Rivergate__V1__Regime regime;
		const char *office;
	} legs[LEGS];
};

#define REGIME(name) RIVERGATE__V1__REGIME__REGIME_##name

static const struct route routes[] = {
	{"th.customs.chiangkhong",
		{{"TH", REGIME(EXPORT), "THCKN"}, {"LA", REGIME(TRANSIT), "LABTN"},
			{"CN", REGIME(IMPORT), "8648"}}},
	{"kh.customs.bavet",
		{{"KH", REGIME(EXPORT), "KHBVT"}, {"VN", REGIME(TRANSIT), "VNMOC"},
			{"CN", REGIME(IMPORT), "7203"}}},
	{"mm.customs.myawaddy",
		{{"MM", REGIME(EXPORT), "MMMWD"}, {"TH", REGIME(TRANSIT), "THMST"},
			{"KH", REGIME(IMPORT), "KHPPT"}}},
	{"cn.gacc.mohan",
		{{"CN", REGIME(EXPORT), "8648"}, {"LA", REGIME(TRANSIT), "LADSV"},
			{"VN", REGIME(IMPORT), "VNLBO"}}},
	{"vn.customs.huunghi",
		{{"VN", REGIME(EXPORT), "VNHNG"}, {"CN", REGIME(TRANSIT), "7203"},
			{"MM", REGIME(IMPORT), "MMMWD"}}},
	{"la.customs.dansavan",
		{{"LA", REGIME(EXPORT), "LADSV"}, {"VN", REGIME(TRANSIT), "VNLBO"},
			{"KH", REGIME(IMPORT), "KHBVT"}}},
};

#define N_ROUTES (sizeof(routes) / sizeof(routes[0]))

/* A declaration with the room that its parts lie in. */
struct declaration {
	Rivergate__V1__Header header;
	Rivergate__V1__Leg legs[LEGS];
	Rivergate__V1__Leg *leg_list[LEGS];
	Rivergate__V1__Goods goods[GOODS];
	Rivergate__V1__Goods *goods_list[GOODS];
	Rivergate__V1__Quantity quantity;
	Rivergate__V1__Decimal kilograms;
	Rivergate__V1__Movement movement;
	char *containers[1];
	char *seals[1];
	char hs6[GOODS][TEXT_LEN];
	char ucr[TEXT_LEN];
	char plate[TEXT_LEN];
	char container[TEXT_LEN];
	char seal[TEXT_LEN];
	uint8_t id[16];
};

static char *text_of(const char *constant)
{
	return (char *)(uintptr_t)constant;
}

/* The same number, the same digits; no two neighbours alike. */
static uint64_t mix(uint64_t number)
{
	number = (number ^ number >> 31) * UINT64_C(0x9e3779b97f4a7c15);
	return number ^ number >> 29;
}

static void fill_goods(struct declaration *it, uint64_t number)
{
	static const char *const origins[] = {"TH", "LA", "VN", "KH", "MM", "CN"};

	rivergate__v1__decimal__init(&it->kilograms);
	it->kilograms.unscaled = 18000;
	rivergate__v1__quantity__init(&it->quantity);
	it->quantity.value = &it->kilograms;
	it->quantity.unit = text_of("KGM");
	for (size_t i = 0; i < GOODS; i++) {
		uint64_t digits = mix(number * GOODS + i);

		(void)snprintf(it->hs6[i], TEXT_LEN, "%02u%02u%02u", (unsigned)(1 + digits % 97),
			(unsigned)(1 + digits / 97 % 12), (unsigned)(10 * (digits / 2048 % 10)));
		rivergate__v1__goods__init(&it->goods[i]);
		it->goods[i].hs6 = it->hs6[i];
		it->goods[i].origin = text_of(origins[number % 6]);
		it->goods[i].condition = (Rivergate__V1__Condition)(digits / 65536 % 7);
		it->goods[i].quantity = &it->quantity;
		it->goods_list[i] = &it->goods[i];
	}
}

static void fill_legs(struct declaration *it, const struct route *route)
{
	for (size_t i = 0; i < LEGS; i++) {
		bool is_export = route->legs[i].regime == REGIME(EXPORT);
		Rivergate__V1__Leg *leg = &it->legs[i];

		rivergate__v1__leg__init(leg);
		leg->country = text_of(route->legs[i].country);
		leg->regime = route->legs[i].regime;
		*(is_export ? &leg->office_out : &leg->office_in) = text_of(route->legs[i].office);
		it->leg_list[i] = leg;
	}
}

static void fill_movement(struct declaration *it, uint64_t number)
{
	(void)snprintf(it->plate, TEXT_LEN, "%u-%04u", (unsigned)(number / 10000 % 90 + 10),
		(unsigned)(number % 10000));
	(void)snprintf(it->container, TEXT_LEN, "TEMU%07u", (unsigned)(number % 10000000));
	(void)snprintf(it->seal, TEXT_LEN, "S%09u", (unsigned)number);
	rivergate__v1__movement__init(&it->movement);
	it->movement.plate = it->plate;
	it->containers[0] = it->container;
	it->movement.containers = it->containers;
	it->movement.n_containers = 1;
	it->seals[0] = it->seal;
	it->movement.seals = it->seals;
	it->movement.n_seals = 1;
	it->header.movement = &it->movement;
}

static void declare(struct declaration *it, uint64_t number)
{
	const struct route *route = &routes[number % N_ROUTES];
	Rivergate__V1__Header *header = &it->header;

	rivergate__v1__header__init(header);
	memcpy(it->id, &number, sizeof(number));
	header->id = (ProtobufCBinaryData){sizeof(it->id), it->id};
	header->from = text_of(route->from);
	header->kind = RIVERGATE__V1__KIND__KIND_DECLARATION;
	header->purpose = RIVERGATE__V1__PURPOSE__PURPOSE_LODGED_COPY;
	header->lodged_by = RIVERGATE__V1__LODGED_BY__LODGED_BY_AUTHORITY_COPY;
	header->version = 1;
	(void)snprintf(it->ucr, TEXT_LEN, "UCR-%016llx", (unsigned long long)mix(number));
	header->ucr = it->ucr;
	fill_legs(it, route);
	header->legs = it->leg_list;
	header->n_legs = LEGS;
	fill_goods(it, number);
	header->goods = it->goods_list;
	header->n_goods = GOODS;
	fill_movement(it, number);
}

/* --- plan ----------------------------------------------------------------------------------- */

static double cpu_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

struct planning {
	const struct trust *trust;
	struct key *key;
	struct buf signature;
	uint8_t content[SIGNED_LEN];
	struct declaration declarations[KINDS];
	struct arena *arena;
	uint64_t n_planned;
	uint64_t n_entries;
};

static void planning_deinit(struct planning *it)
{
	key_free(it->key);
	buf_deinit(&it->signature);
	arena_free(it->arena);
}
SCOPED_DEFINE_VALUE(struct planning, planning_deinit);

static rg_err verify_all(struct planning *it, double *ret_us)
{
	double started_us = cpu_us();
	bool is_valid = true;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && is_valid && i < VERIFIES; i++) {
		err = key_verify(it->key, "rivergate/v1 header",
			bytes_of(it->content, sizeof(it->content)), buf_view(&it->signature),
			&is_valid);
	}
	*ret_us = (cpu_us() - started_us) / VERIFIES;
	return !err && !is_valid ? RG_E_FORMAT : err;
}

static rg_err plan_one(struct planning *it, const struct declaration *declaration)
{
	int64_t next_us = INT64_MAX;
	rg_err err = RG_OK;

	arena_reset(it->arena);
	for (size_t i = 0; !err && i < LEGS; i++) {
		const struct plan_question question = {
			.trust = it->trust,
			.leg = &declaration->legs[i],
			.goods = declaration->header.goods,
			.n_goods = declaration->header.n_goods,
			.steps = {.lodged_us = START_US},
			.now_us = START_US,
		};
		Rivergate__V1__PlanLeg *leg = NULL;

		err = plan_leg(&question, it->arena, &leg);
		it->n_entries += err ? 0 : leg->n_entries;
		int64_t change_us =
			plan_next_change_us(it->trust, declaration->legs[i].country, START_US);

		next_us = change_us < next_us ? change_us : next_us;
	}
	it->n_planned++;
	return !err && next_us <= START_US ? RG_E_FORMAT : err;
}

static rg_err plan_all(struct planning *it, double *ret_us)
{
	double started_us = cpu_us();
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < PLANS; i++) {
		err = plan_one(it, &it->declarations[i % KINDS]);
	}
	*ret_us = (cpu_us() - started_us) / PLANS;
	return err;
}

static int compare(const void *a, const void *b)
{
	const double *left = a;
	const double *right = b;

	return (*left > *right) - (*left < *right);
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof(*values), compare);
	return values[ROUNDS / 2];
}

static rg_err prepare(struct planning *it)
{
	rg_err err = key_generate(RIVERGATE__V1__ALGORITHM__ALGORITHM_ECDSA_P256_SHA256, &it->key);

	it->arena = arena_new(0);
	if (!err && !it->arena) {
		err = RG_E_NOMEM;
	}
	for (uint64_t i = 0; i < KINDS; i++) {
		declare(&it->declarations[i], i);
	}
	return err ? err
		   : key_sign(it->key, "rivergate/v1 header",
			     bytes_of(it->content, sizeof(it->content)), &it->signature);
}

static rg_err run_plan(const struct trust *trust)
{
	scoped(planning_deinitv) struct planning it = {.trust = trust};
	double verify_us[ROUNDS];
	double plan_us[ROUNDS];
	double ratio[ROUNDS];
	size_t n_rules = 0;
	rg_err err = prepare(&it);

	for (size_t i = 0; !err && i < ROUNDS; i++) {
		err = verify_all(&it, &verify_us[i]);
		err = err ? err : plan_all(&it, &plan_us[i]);
		ratio[i] = plan_us[i] / verify_us[i];
	}
	if (err) {
		return err;
	}
	for (size_t i = 0; i < N_ROUTES; i++) {
		const char cc[] = {routes[i].from[0], routes[i].from[1], '\0'};
		const Rivergate__V1__WindowProfile *profile = trust_profile(trust, cc);

		n_rules += profile ? profile->n_rules : 0;
	}
	printf("{\"rules\": %zu, \"entries_a_leg\": %.2f, \"verify_us\": %.2f, \"plan_us\": %.2f, "
	       "\"ratio\": %.4f}\n",
		n_rules, (double)it.n_entries / (double)it.n_planned / LEGS, median(verify_us),
		median(plan_us), median(ratio));
	return RG_OK;
}

/* --- fold ----------------------------------------------------------------------------------- */

struct folding {
	const struct trust *trust;
	const char *folder;
	uint64_t count;
	struct window_disk *disk;
	struct rules_store store;
	struct window *window;
	struct arena *arena;
	uint64_t n_records;
	uint64_t n_told;
	uint64_t next_sample;
	double rss_mib[4]; /* at the start, at half, at the end; the most */
};

static void folding_close(struct folding *it)
{
	window_free(it->window);
	window_disk_close(it->disk);
	arena_free(it->arena);
}
SCOPED_DEFINE_VALUE(struct folding, folding_close);

static double rss_anon_mib(void)
{
	FILE *file = fopen("/proc/self/status", "re");
	char line[128];
	double mib = -1;

	while (file && fgets(line, sizeof(line), file)) {
		if (strncmp(line, "RssAnon:", 8) == 0) {
			mib = (double)strtoull(line + 8, NULL, 10) / 1024;
		}
	}
	if (file) {
		(void)fclose(file);
	}
	return mib;
}

static rg_err folding_open(struct folding *it)
{
	char origin_text[] = "rivergate.example/bench";
	Rivergate__V1__Origin origin = RIVERGATE__V1__ORIGIN__INIT;
	struct derived_lineage lineage;
	rg_err err = window_disk_open(it->folder, &it->disk);

	if (err) {
		return err;
	}
	it->arena = arena_new(0);
	it->store = window_disk_store(it->disk);
	err = it->arena ? window_new(&it->store, "router.mekong", true, &it->window) : RG_E_NOMEM;
	if (!err) {
		origin.origin = origin_text;
		derived_lineage_of(&origin, &lineage);
		window_set_lineage(it->window, &lineage);
	}
	return err;
}

/* One record as the core's window takes it; keeps: what is derived is not delivered. */
static rg_err take(struct folding *it, const Rivergate__V1__Header *header, bool keeps)
{
	static const uint8_t hash[32] = {1};
	struct window_result result;
	int64_t due_us = 0;
	const struct window_record record = {
		.index = 20 + it->n_records,
		.time_us = START_US + (int64_t)it->n_records * STEP_US,
		.header = header,
		.header_hash = hash,
		.trust = it->trust,
	};

	it->n_records++;
	arena_reset(it->arena);
	rg_err err = window_apply(it->window, &record, it->arena, &result);

	for (size_t i = 0; !err && !keeps && i < result.n_told; i++) {
		err = window_over(it->window, record.index, result.told[i].ordinal);
	}
	it->n_told += err ? 0 : result.n_told;
	err = err ? err : window_next_us(it->window, &due_us);
	return err ? err : window_disk_commit(it->disk);
}

static rg_err arrive(struct folding *it, const struct declaration *declaration, bool keeps)
{
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;
	Rivergate__V1__TransitEventFacts facts = RIVERGATE__V1__TRANSIT_EVENT_FACTS__INIT;

	header.id = declaration->header.id;
	header.from = declaration->header.from;
	header.kind = RIVERGATE__V1__KIND__KIND_TRANSIT_EVENT;
	header.ucr = declaration->header.ucr;
	facts.event = RIVERGATE__V1__TRANSIT_EVENT_FACTS__EVENT__EVENT_ARRIVED;
	header.facts_case = RIVERGATE__V1__HEADER__FACTS_TRANSIT_EVENT;
	header.transit_event = &facts;
	return take(it, &header, keeps);
}

static rg_err decide(struct folding *it, const struct declaration *declaration, bool keeps)
{
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;
	Rivergate__V1__DecisionFacts facts = RIVERGATE__V1__DECISION_FACTS__INIT;
	Rivergate__V1__Ref ref = RIVERGATE__V1__REF__INIT;
	Rivergate__V1__Ref *refs[] = {&ref};

	ref.from = declaration->header.from;
	ref.id = declaration->header.id;
	ref.relation = RIVERGATE__V1__RELATION__RELATION_DECIDES;
	header.id = declaration->header.id;
	header.from = declaration->header.from;
	header.kind = RIVERGATE__V1__KIND__KIND_DECISION;
	header.ucr = declaration->header.ucr;
	header.refs = refs;
	header.n_refs = 1;
	facts.status = RIVERGATE__V1__DECISION_STATUS__DECISION_STATUS_RELEASED;
	facts.disclosure = RIVERGATE__V1__DISCLOSURE__DISCLOSURE_NOW;
	header.facts_case = RIVERGATE__V1__HEADER__FACTS_DECISION;
	header.decision = &facts;
	return take(it, &header, keeps);
}

static rg_err fold_one(struct folding *it, uint64_t number)
{
	struct declaration declaration;
	bool keeps = number % DOWN_EACH == 0;

	declare(&declaration, number);
	rg_err err = take(it, &declaration.header, keeps);

	if (!err && number % (2 * DECIDE_EACH) == 0) {
		err = arrive(it, &declaration, keeps);
	} else if (!err && number % DECIDE_EACH == 0) {
		err = decide(it, &declaration, keeps);
	}
	return err;
}

static void sample(struct folding *it, uint64_t number)
{
	bool is_mark = number == 0 || number == it->count / 2 || number == it->count;

	if (!is_mark && number % SAMPLE_EACH != 0) {
		return;
	}
	double mib = rss_anon_mib();

	if (is_mark) {
		it->rss_mib[number == 0 ? 0 : number == it->count ? 2 : 1] = mib;
	}
	it->rss_mib[3] = mib > it->rss_mib[3] ? mib : it->rss_mib[3];
}

static double disk_mib(const char *folder)
{
	scoped(freep) char *path = file_join(folder, "data.mdb");
	struct stat found;

	return path && stat(path, &found) == 0 ? (double)found.st_size / 1048576 : -1;
}

static rg_err run_fold(const struct trust *trust, const char *folder, uint64_t count)
{
	scoped(folding_closev) struct folding it = {.trust = trust,
		.folder = folder,
		.count = count};
	int64_t started_us = clock_monotonic_us();
	double started_cpu_us = cpu_us();
	rg_err err = folding_open(&it);

	for (uint64_t i = 0; !err && i < count; i++) {
		sample(&it, i);
		err = fold_one(&it, i);
	}
	if (err) {
		return err;
	}
	sample(&it, count);
	printf("{\"consignments\": %llu, \"records\": %llu, \"told\": %llu, \"seconds\": %.2f, "
	       "\"cpu_us\": %.1f, \"start_mib\": %.1f, \"half_mib\": %.1f, \"end_mib\": %.1f, "
	       "\"most_mib\": %.1f, \"disk_mib\": %.0f}\n",
		(unsigned long long)count, (unsigned long long)it.n_records,
		(unsigned long long)it.n_told, (double)(clock_monotonic_us() - started_us) / 1e6,
		(cpu_us() - started_cpu_us) / (double)it.n_records, it.rss_mib[0], it.rss_mib[1],
		it.rss_mib[2], it.rss_mib[3], disk_mib(folder));
	return RG_OK;
}

/* --- Program --------------------------------------------------------------------------------- */

int main(int argc, char **argv)
{
	scoped(trust_unrefp) struct trust *trust = NULL;
	struct governance_answer answer = {.is_ok = true};
	bool is_fold = argc == 7 && strcmp(argv[1], "fold") == 0;
	uint8_t pin[32];

	if ((!is_fold && (argc != 5 || strcmp(argv[1], "plan") != 0)) ||
		!text_unhex(argv[4], pin, sizeof(pin))) {
		fputs("usage: see ./dev bench --help\n", stderr);
		return 2;
	}
	rg_err err = trust_load(argv[2], argv[3], pin, &trust, &answer);

	if (err || !trust) {
		fprintf(stderr, "rivergate-bench-window: %s: %s\n", answer.path, answer.text);
		return 3;
	}
	err = is_fold ? run_fold(trust, argv[5], strtoull(argv[6], NULL, 10)) : run_plan(trust);
	if (err) {
		fprintf(stderr, "rivergate-bench-window: error %d\n", (int)err);
	}
	return err ? 3 : 0;
}
