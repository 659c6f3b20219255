/*
 * One suite for every XML format: what comes in goes out again, by its values.
 *
 * Files are the plug-ins' own test data and, where RIVERGATE_SAMPLES names a folder, the
 * real files in it.
 */
#include <glob.h>

#include "native.h"
#include "suite.h"
#include "wire/doc.h"
#include "wire/reflect.h"

/* How many leaves of a file are changed, spread over it; RIVERGATE_LONG=1: every one. */
#define LARGE              100000
#define N_LEAVES           16
#define N_LARGE_LEAVES     2
#define MIN_MAPPED_PERCENT 80

struct native {
	const char *format;
	const char *pattern; /* below the project, or below the samples */
};

static const struct native own_files[] = {
	{"la/asycuda-sad", "adapters/la/testdata/*.xml"},
	{"kh/asycuda-sad", "adapters/kh/testdata/*.xml"},
	{"cn/cn-dec", "adapters/cn/testdata/*.xml"},
	{"cn/cn-dec-response", "adapters/cn/testdata/answers/response*.xml"},
	{"cn/cn-dec-result", "adapters/cn/testdata/answers/result*.xml"},
	{"cn/cn-dec-data", "adapters/cn/testdata/answers/data*.xml"},
	{"wco-dm", "adapters/formats/wco-dm/testdata/*.xml"},
	{"wco-dm-response", "adapters/formats/wco-dm/testdata/responses/*.xml"},
	{"th/th-ecustoms", "adapters/th/testdata/*.xml"},
	{"th/th-ecustoms", "adapters/th/testdata/answers/*.xml"},
	{"sps-ephyto", "adapters/formats/sps-ephyto/testdata/*.xml"},
	{"sps-ephyto-answer", "adapters/formats/sps-ephyto/testdata/answers/*.xml"},
	{"cites-epix", "adapters/formats/cites-epix/testdata/*.xml"},
};

static const struct native sample_files[] = {
	{"la/asycuda-sad", "asycuda/*/*.xml"},
	{"kh/asycuda-sad", "asycuda/*/*.xml"},
	{"cn/cn-dec", "china_singlewindow/dec/decmessage*.xml"},
	{"cn/cn-dec-response", "china_singlewindow/dec/*ed_*.xml"},
	{"cn/cn-dec-result", "china_singlewindow/dec/Receipt*.xml"},
	{"cn/cn-dec-data", "china_singlewindow/dec/FROM_LITERAL_DEC_DATA*.xml"},
	{"wco-dm",
		"wco_hmrc/{examples/*/{TT_*,Step*,Movement_Messages/*}.xml,"
		"schemas_and_TT1/example_messages/*/{*,*/*}/Declaration/*.xml}"},
	{"wco-dm-response",
		"wco_hmrc/examples/{*/0*,*/Example_Notifications/*,"
		"Example_DMS_notifications/1*}.xml"},
	{"sps-ephyto", "ephyto/*.xml"},
	{"cites-epix", "cites/*.xml"},
};

/* What is done with one file. */
struct check {
	const struct plugin_set *set;
	const char *format;
	const char *path;
	struct rg_bytes native;
};

/* Runs over every STEP-th file of each row; returns how many. */
static size_t each_file(const char *root, const struct native *natives, size_t n_natives,
	size_t step, void (*run)(const struct check *check))
{
	struct plugin_set *set = open_plugins();
	size_t n_files = 0;
	for (size_t i = 0; i < n_natives; i++) {
		char pattern[4096];
		glob_t found;
		snprintf(pattern, sizeof(pattern), "%s/%s", root, natives[i].pattern);
		int answer = glob(pattern, GLOB_BRACE, NULL, &found);
		for (size_t j = 0; answer == 0 && j < found.gl_pathc; j += step) {
			struct buf native = {.data = NULL};
			read_whole(found.gl_pathv[j], &native);
			struct check check = {set, natives[i].format, found.gl_pathv[j],
				buf_view(&native)};
			run(&check);
			buf_deinit(&native);
			n_files++;
		}
		globfree(&found);
	}
	plugin_set_close(set);
	return n_files;
}

/* Runs over the project's own files, then over the samples; where that is slow, not over each. */
static void each_native(const char *name, void (*run)(const struct check *check))
{
	ck_assert_uint_ge(each_file(getenv("RIVERGATE_SOURCE"), own_files,
				  sizeof(own_files) / sizeof(own_files[0]), 1, run),
		14);
	const char *samples = getenv("RIVERGATE_SAMPLES");
	if (!samples || !*samples) {
		printf("skip: %s on samples: RIVERGATE_SAMPLES names no folder\n", name);
		printf("0 passed, 0 failed, 1 skipped\n");
		return;
	}
	ck_assert_uint_ge(each_file(samples, sample_files,
				  sizeof(sample_files) / sizeof(sample_files[0]), check_slowness(),
				  run),
		1);
}

/* Round trip */

static void assert_same_xml(const char *path, struct rg_bytes a, struct rg_bytes b)
{
	struct buf left = {.data = NULL};
	struct buf right = {.data = NULL};
	canonical_xml(a, &left);
	canonical_xml(b, &right);
	size_t n = 0;
	while (n < left.len && n < right.len && left.data[n] == right.data[n]) {
		n++;
	}
	ck_assert_msg(left.len == right.len && n == left.len, "%s differs at byte %zu: ...%.60s",
		path, n, (const char *)left.data + (n > 30 ? n - 30 : 0));
	buf_deinit(&left);
	buf_deinit(&right);
}

/* Elements whose content never returns: it is dropped where it is read. */
static const char *const credentials[] = {"ICCode", "TypistNo", "Sign", "Certificate", "AccessCode",
	"RegistrationID", "SenderRegistrationID"};

static void blank_credentials(xmlNodePtr node)
{
	for (xmlNodePtr child = node->children; child; child = child->next) {
		blank_credentials(child);
	}
	for (size_t i = 0; i < sizeof(credentials) / sizeof(credentials[0]); i++) {
		if (node->type == XML_ELEMENT_NODE &&
			strcmp((const char *)node->name, credentials[i]) == 0) {
			xmlNodeSetContent(node, NULL);
		}
	}
}

static void without_credentials(struct rg_bytes native, struct buf *out)
{
	xmlDocPtr doc = parse_xml(native);
	xmlChar *text = NULL;
	int len = 0;
	blank_credentials(xmlDocGetRootElement(doc));
	xmlDocDumpMemoryEnc(doc, &text, &len, "UTF-8");
	buf_add(out, text, (size_t)len);
	xmlFree(text);
	xmlFreeDoc(doc);
}

static void check_round_trip(const struct check *check)
{
	struct buf json = {.data = NULL};
	struct buf back = {.data = NULL};
	convert_whole(check->set, check->format, "json", check->native, &json);
	convert_whole(check->set, "json", check->format, buf_view(&json), &back);
	struct buf expected = {.data = NULL};
	without_credentials(check->native, &expected);
	assert_same_xml(check->path, buf_view(&expected), buf_view(&back));
	buf_deinit(&expected);
	buf_deinit(&json);
	buf_deinit(&back);
}

START_TEST(a_file_returns_through_json_identical_after_c14n)
{
	each_native("a_file_returns_through_json_identical_after_c14n", check_round_trip);
}
END_TEST

/* Without help */

static void strip_list(ProtobufCMessage *root, const char *name)
{
	const ProtobufCFieldDescriptor *field = reflect_find(root->descriptor, name, strlen(name));
	for (size_t i = 0; i < reflect_count(root, field); i++) {
		protobuf_c_message_free_unpacked(reflect_message(root, field, i), NULL);
	}
	memset((char *)root + field->quantifier_offset, 0, sizeof(size_t));
}

/* Equal but for white space. */
static bool is_same_text(const char *a, const char *b)
{
	static const char space[] = " \t\r\n";
	while (*a || *b) {
		a += strspn(a, space);
		b += strspn(b, space);
		if (*a != *b) {
			return false;
		}
		a += *a ? 1 : 0;
		b += *b ? 1 : 0;
	}
	return true;
}

/* Takes the namespace prefixes out of paths: without hints the usual names are written. */
static void drop_prefixes(struct leaves *leaves)
{
	for (size_t i = 0; i < leaves->n_items; i++) {
		char *to = leaves->items[i].path;
		char *name = to;
		for (const char *c = leaves->items[i].path; *c; c++) {
			*to++ = *c;
			name = *c == '/' ? to : name;
			to = *c == ':' ? name : to;
		}
		*to = '\0';
	}
	qsort(leaves->items, leaves->n_items, sizeof(*leaves->items), by_path);
}

static size_t percent_returned(const struct plugin_set *set, const char *format,
	struct rg_bytes native, struct conversion *conversion)
{
	struct buf out = {.data = NULL};
	ProtobufCMessage *root =
		(ProtobufCMessage *)(uintptr_t)doc_root(convert_document(conversion, 0));
	strip_list(root, "extensions");
	strip_list(root, "hints");
	ck_assert(encode_document(set, format, root, &out));
	struct leaves before = leaves_of(native);
	struct leaves after = leaves_of(buf_view(&out));
	size_t n_same = 0;
	drop_prefixes(&before);
	drop_prefixes(&after);
	for (size_t i = 0; i < before.n_items; i++) {
		const char *text = leaf_text(&after, before.items[i].path);
		n_same += text && is_same_text(text, before.items[i].text);
	}
	size_t percent = n_same * 100 / before.n_items;
	free_leaves(&before);
	free_leaves(&after);
	buf_deinit(&out);
	return percent;
}

static void check_share(const struct check *check)
{
	struct conversion *conversion = decode_native(check->set, check->format, check->native);
	size_t percent = percent_returned(check->set, check->format, check->native, conversion);
	ck_assert_msg(percent >= MIN_MAPPED_PERCENT, "%s: %zu %% of its leaves", check->path,
		percent);
	convert_free(conversion);
}

START_TEST(most_leaves_return_without_extensions_and_hints)
{
	each_native("most_leaves_return_without_extensions_and_hints", check_share);
}
END_TEST

/* The table of the README */

struct tally {
	size_t n_files;
	size_t n_accepted;
	size_t n_identical;
	size_t least;
	size_t most;
};

static struct tally tally;

static bool is_identical(const struct check *check)
{
	struct buf back = {.data = NULL};
	struct buf expected = {.data = NULL};
	struct buf left = {.data = NULL};
	struct buf right = {.data = NULL};
	convert_whole(check->set, check->format, check->format, check->native, &back);
	without_credentials(check->native, &expected);
	canonical_xml(buf_view(&expected), &left);
	canonical_xml(buf_view(&back), &right);
	bool is_same = bytes_equal(buf_view(&left), buf_view(&right));
	buf_deinit(&back);
	buf_deinit(&expected);
	buf_deinit(&left);
	buf_deinit(&right);
	return is_same;
}

static void count_file(const struct check *check)
{
	struct conversion *conversion = decode_native(check->set, check->format, check->native);
	tally.n_files++;
	if (!convert_is_refused(conversion)) {
		size_t percent =
			percent_returned(check->set, check->format, check->native, conversion);
		tally.n_accepted++;
		tally.n_identical += is_identical(check) ? 1 : 0;
		tally.least = percent < tally.least ? percent : tally.least;
		tally.most = percent > tally.most ? percent : tally.most;
	}
	convert_free(conversion);
}

/* Counts the files of one row and looks for it in the README; prints it where it is not there. */
static bool is_in_readme(const char *root, const char *what, const struct native *native)
{
	char row[256];
	struct buf readme = {.data = NULL};
	tally = (struct tally){.least = 100};
	each_file(root, native, 1, 1, count_file);
	if (tally.n_files == 0) {
		return true;
	}
	int len = snprintf(row, sizeof(row), "| `%s` | %s | %zu | %zu | %zu | %zu - %zu %% |",
		native->format, what, tally.n_files, tally.n_accepted, tally.n_identical,
		tally.least, tally.most);
	read_own("adapters/README.md", &readme);
	bool is_there = memmem(readme.data, readme.len, row, (size_t)len) != NULL;
	if (!is_there) {
		fprintf(stderr, "the README lacks: %s\n", row);
	}
	buf_deinit(&readme);
	return is_there;
}

START_TEST(the_table_of_the_readme_says_what_is_counted)
{
	bool is_right = true;
	/* What is counted is the same in every build: the plain one counts the samples. */
	const char *samples = check_slowness() == 1 ? getenv("RIVERGATE_SAMPLES") : NULL;
	for (size_t i = 0; i < sizeof(own_files) / sizeof(own_files[0]); i++) {
		is_right &= is_in_readme(getenv("RIVERGATE_SOURCE"), "own", &own_files[i]);
	}
	for (size_t i = 0;
		samples && *samples && i < sizeof(sample_files) / sizeof(sample_files[0]); i++) {
		is_right &= is_in_readme(samples, "real", &sample_files[i]);
	}
	ck_assert(is_right);
}
END_TEST

/* Files that must be refused, with the reason: <country>/testdata/refused/LIST.tsv. */
static void check_refused(const struct plugin_set *set, const char *folder, char *line)
{
	char path[4096];
	char expected[1024];
	struct buf native = {.data = NULL};
	char *rest = NULL;
	const char *format = strtok_r(line, "\t", &rest);
	const char *file = strtok_r(NULL, "\t", &rest);
	ck_assert(format && file && rest);
	snprintf(path, sizeof(path), "%s/%s", folder, file);
	read_whole(path, &native);
	struct conversion *conversion = decode_native(set, format, buf_view(&native));
	ck_assert_msg(convert_is_refused(conversion), "%s is accepted", path);
	const struct rg_finding *finding = convert_finding(conversion, 0);
	snprintf(expected, sizeof(expected), "%s\t%u\t%s\t%s", finding->rule, finding->line,
		finding->path, finding->text);
	ck_assert_msg(strcmp(rest, expected) == 0, "%s is refused with: %s", path, expected);
	ck_assert_uint_eq(convert_n_documents(conversion), 0);
	convert_free(conversion);
	buf_deinit(&native);
}

START_TEST(a_file_of_the_list_is_refused_with_its_reason)
{
	static const char *const countries[] = {"la", "cn", "th", "formats/wco-dm",
		"formats/sps-ephyto", "formats/cites-epix"};
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < sizeof(countries) / sizeof(countries[0]); i++) {
		char folder[3000];
		char path[4096];
		struct buf list = {.data = NULL};
		glob_t found;
		size_t n = 0;
		char *rest = NULL;
		snprintf(folder, sizeof(folder), "%s/adapters/%s/testdata/refused",
			getenv("RIVERGATE_SOURCE"), countries[i]);
		snprintf(path, sizeof(path), "%s/LIST.tsv", folder);
		read_whole(path, &list);
		buf_add_u8(&list, '\0');
		(void)strtok_r((char *)list.data, "\n", &rest); /* names of the columns */
		for (char *line = NULL; (line = strtok_r(NULL, "\n", &rest)) != NULL; n++) {
			check_refused(set, folder, line);
		}
		snprintf(path, sizeof(path), "%s/*.xml", folder);
		ck_assert_int_eq(glob(path, 0, NULL, &found), 0);
		ck_assert_uint_eq(found.gl_pathc, n);
		globfree(&found);
		buf_deinit(&list);
	}
	plugin_set_close(set);
}
END_TEST

/* Changes */

/* Another valid value of the leaf; false: there is none that a test may guess. */
static bool change(const struct doc_leaf *leaf, const char *rule, char out[65536])
{
	const char *value = (const char *)leaf->value.data;
	int len = (int)leaf->value.len;
	bool is_scale = strcmp(leaf->field->name, "scale") == 0;
	if (strcmp(rule, "code") == 0 || len > 65000) {
		return false;
	}
	if (leaf->field->type == PROTOBUF_C_TYPE_ENUM) {
		bool is_export = strncmp(value, "DIRECTION_EXPORT", (size_t)len) == 0;
		snprintf(out, 65536, "%s", is_export ? "DIRECTION_IMPORT" : "DIRECTION_EXPORT");
	} else if (leaf->field->type == PROTOBUF_C_TYPE_BOOL) {
		snprintf(out, 65536, "%s", value[0] == 't' ? "false" : "true");
	} else if (leaf->field->type != PROTOBUF_C_TYPE_STRING) {
		long long number = strtoll(value, NULL, 10);
		snprintf(out, 65536, "%lld", is_scale && number == 18 ? 17 : number + 1);
	} else if (strcmp(rule, "moment") == 0) {
		snprintf(out, 65536, "2020-01-02T03:04:05");
	} else if (strcmp(rule, "stamp") == 0) {
		snprintf(out, 65536, "%s", len == 10 ? "2020-01-02" : "03:04:05");
	} else if (strcmp(rule, "date") == 0) {
		snprintf(out, 65536, "%s",
			memcmp(value, "2019-03-04", 10) ? "2019-03-04" : "2018-03-04");
	} else {
		snprintf(out, 65536, "%.*s<&> \xe0\xba\xaa", len, value);
	}
	return true;
}

static bool is_native(const struct doc_source *source, const char *path)
{
	for (size_t i = 0; i < source->n_natives; i++) {
		if (strcmp(source->natives[i], path) == 0) {
			return true;
		}
	}
	return false;
}

/* Every leaf that differs is one of the source's; at least one does. */
static void assert_only(const struct check *check, const struct doc_source *source,
	const struct leaves *before, const struct leaves *after)
{
	size_t n_changed = 0;
	for (size_t i = 0; i < before->n_items; i++) {
		const char *text = leaf_text(after, before->items[i].path);
		bool is_same = text && strcmp(text, before->items[i].text) == 0;
		ck_assert_msg(is_same || is_native(source, before->items[i].path),
			"%s: changing %s changed %s too", check->path, source->path,
			before->items[i].path);
		n_changed += !is_same;
	}
	for (size_t i = 0; i < after->n_items; i++) {
		bool is_new = !leaf_text(before, after->items[i].path);
		ck_assert_msg(!is_new || is_native(source, after->items[i].path),
			"%s: changing %s added %s", check->path, source->path,
			after->items[i].path);
		n_changed += is_new;
	}
	ck_assert_msg(n_changed > 0, "%s: changing %s changed nothing", check->path, source->path);
}

static void set_leaf(struct doc *doc, const char *path, struct rg_bytes value)
{
	bool is_taken = false;
	ck_assert_int_eq(rg_doc_set(doc_view(doc), path, value, NULL, &is_taken), RG_OK);
	ck_assert_msg(is_taken, "%s", path);
}

static void check_change(const struct check *check, struct doc *doc,
	const struct doc_source *source, const struct leaves *before)
{
	static char changed[65536];
	char scratch[32];
	struct doc_leaf leaf;
	struct buf out = {.data = NULL};
	ck_assert_int_eq(doc_peek(doc, source->path, &leaf, scratch), RG_OK);
	if (!leaf.value.data || !change(&leaf, source->rule, changed)) {
		return;
	}
	char *kept = strndup((const char *)leaf.value.data, leaf.value.len);
	set_leaf(doc, source->path, (struct rg_bytes){(uint8_t *)changed, strlen(changed)});
	ck_assert_msg(encode_document(check->set, check->format, doc_root(doc), &out),
		"%s: %s = %s is refused", check->path, source->path, changed);
	struct leaves after = values_of(buf_view(&out));
	assert_only(check, source, before, &after);
	set_leaf(doc, source->path, (struct rg_bytes){(uint8_t *)kept, strlen(kept)});
	free_leaves(&after);
	free(kept);
	buf_deinit(&out);
}

static void check_changes(const struct check *check)
{
	struct conversion *conversion = decode_native(check->set, check->format, check->native);
	struct doc *doc = convert_document(conversion, 0);
	struct buf expected = {.data = NULL};
	without_credentials(check->native, &expected);
	struct leaves before = values_of(buf_view(&expected));
	size_t n = 0;
	buf_deinit(&expected);
	const struct doc_source *sources = doc_sources(doc, &n);
	size_t step = n / (check->native.len > LARGE ? N_LARGE_LEAVES : N_LEAVES) + 1;
	step = getenv("RIVERGATE_LONG") ? 1 : step * check_slowness();
	ck_assert_uint_gt(n, 1);
	for (size_t i = 0; i < n; i += step) {
		check_change(check, doc, &sources[i], &before);
	}
	free_leaves(&before);
	convert_free(conversion);
}

START_TEST(changing_a_leaf_changes_its_elements_and_no_other)
{
	each_native("changing_a_leaf_changes_its_elements_and_no_other", check_changes);
}
END_TEST

/* Abroad */

static bool is_named(const Rivergate__V1__Translation *translation, const char *path)
{
	for (size_t i = 0; i < translation->n_losses; i++) {
		for (size_t j = 0; j < translation->losses[i]->n_native; j++) {
			if (strcmp(translation->losses[i]->native[j], path) == 0) {
				return true;
			}
		}
	}
	return false;
}

/* Elements whose code or number is written in another way abroad. */
static bool is_recoded(const char *path)
{
	static const char *const names[] = {"Sad_flow", "Country_of_origin_code",
		"Export_country_code", "Destination_country_code", "Trading_country", "Mode",
		"Suppplementary_unit_code", "Kind_of_packages_code", "Total_number_of_packages",
		"Delivery_terms/Code", "Container_flag", "Country_first_destination",
		"Container_type"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t len = strlen(names[i]);
		if (strlen(path) > len && strcmp(path + strlen(path) - len, names[i]) == 0) {
			return true;
		}
	}
	return false;
}

/* Whether a text stands in some leaf; its first line at least (address lines are joined). */
static bool is_in(const struct leaves *leaves, const char *text)
{
	char line[256];
	text += strspn(text, " \t\r\n");
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(text, "\r\n"), text);
	for (size_t i = 0; i < leaves->n_items; i++) {
		if (strstr(leaves->items[i].text, line)) {
			return true;
		}
	}
	return false;
}

static void check_account(const struct check *check)
{
	if (strcmp(check->format, "la/asycuda-sad") != 0) {
		return;
	}
	struct conversion *conversion = decode_native(check->set, check->format, check->native);
	ck_assert_int_eq(convert_encode(conversion, format_of(check->set, "cn/cn-dec"),
				 RG_PURPOSE_PREFILL),
		RG_OK);
	ck_assert(!convert_is_refused(conversion));
	struct leaves before = leaves_of(check->native);
	struct leaves after = leaves_of(convert_output(conversion, 0));
	size_t step = check->native.len > LARGE ? before.n_items / 200 : 1;
	for (size_t i = 0; i < before.n_items; i += step) {
		const struct leaf *leaf = &before.items[i];
		ck_assert_msg(is_named(convert_translation(conversion), leaf->path) ||
				is_recoded(leaf->path) || is_in(&after, leaf->text),
			"%s: %s is neither in the output nor in the loss report", check->path,
			leaf->path);
	}
	free_leaves(&before);
	free_leaves(&after);
	convert_free(conversion);
}

START_TEST(every_element_is_in_the_output_or_in_the_loss_report)
{
	each_native("every_element_is_in_the_output_or_in_the_loss_report", check_account);
}
END_TEST

static Rivergate__V1__LossClass class_of(const Rivergate__V1__Translation *translation,
	const char *path)
{
	for (size_t i = 0; i < translation->n_losses; i++) {
		if (strcmp(translation->losses[i]->path, path) == 0) {
			return translation->losses[i]->class_;
		}
	}
	return RIVERGATE__V1__LOSS_CLASS__LOSS_CLASS_UNSPECIFIED;
}

static const struct {
	const char *path;
	const char *text; /* NULL: empty or absent */
} draft[] = {
	{"/DecMessage/DecHead/IEFlag", "I"},
	{"/DecMessage/DecHead/CustomMaster", NULL},
	{"/DecMessage/DecHead/TradeMode", NULL},
	{"/DecMessage/DecHead/AgentCode", NULL},
	{"/DecMessage/DecHead/EntryId", NULL},
	{"/DecMessage/DecHead/TradeCountry", "LAO"},
	{"/DecMessage/DecHead/TrafMode", "4"},
	{"/DecMessage/DecHead/TrafName", "LA 8012 / LA 5520"},
	{"/DecMessage/DecHead/PackNo", "1200"},
	{"/DecMessage/DecHead/WrapType", "22"},
	{"/DecMessage/DecHead/GrossWet", "19200.0"},
	{"/DecMessage/DecHead/OverseasConsignorEname", "LUANG NAMTHA BANANA GROWERS"},
	{"/DecMessage/DecHead/TradeName", "XISHUANGBANNA FRESH FRUIT TRADE CO LTD"},
	{"/DecMessage/DecHead/OverseasConsigneeEname", NULL},
	{"/DecMessage/DecLists/DecList/CodeTS", "080390"},
	{"/DecMessage/DecLists/DecList/OriginCountry", "LAO"},
	{"/DecMessage/DecLists/DecList/DestinationCountry", "CHN"},
	{"/DecMessage/DecLists/DecList/FirstUnit", "035"},
	{"/DecMessage/DecLists/DecList/DutyMode", NULL},
	{"/DecMessage/DecLists/DecList/TradeCurr", "USD"},
	{"/DecMessage/DecContainers/Container/ContainerId", "TGHU1234565"},
	{"/DecMessage/DecSign/OperType", "G"},
	{"/DecMessage/DecSign/Sign", NULL},
	{"/DecMessage/DecSign/ICCode", NULL},
};

START_TEST(an_export_becomes_an_unsigned_import_draft_abroad)
{
	struct plugin_set *set = open_plugins();
	struct buf native = {.data = NULL};
	read_own("adapters/la/testdata/export-bananas.xml", &native);
	struct conversion *conversion = decode_native(set, "la/asycuda-sad", buf_view(&native));
	ck_assert_int_eq(convert_encode(conversion, format_of(set, "cn-dec"), RG_PURPOSE_PREFILL),
		RG_OK);
	struct leaves leaves = leaves_of(convert_output(conversion, 0));
	for (size_t i = 0; i < sizeof(draft) / sizeof(draft[0]); i++) {
		const char *text = leaf_text(&leaves, draft[i].path);
		ck_assert_msg(draft[i].text ? text && strcmp(text, draft[i].text) == 0 : !text,
			"%s is %s", draft[i].path, text ? text : "absent");
	}
	free_leaves(&leaves);
	convert_free(conversion);
	buf_deinit(&native);
	plugin_set_close(set);
}
END_TEST

START_TEST(what_is_law_of_the_other_country_is_told_from_what_is_lost)
{
	static const char *const national[] = {"office.code", "type.code", "registration.number",
		"items[0].commodity.nationalCode", "items[0].procedure.extended",
		"items[0].taxes[0].code", "items[0].statisticalValue", "declarant.name"};
	struct plugin_set *set = open_plugins();
	struct buf native = {.data = NULL};
	read_own("adapters/la/testdata/export-bananas.xml", &native);
	struct conversion *conversion = decode_native(set, "la/asycuda-sad", buf_view(&native));
	ck_assert_int_eq(convert_encode(conversion, format_of(set, "cn-dec"), RG_PURPOSE_PREFILL),
		RG_OK);
	const Rivergate__V1__Translation *translation = convert_translation(conversion);
	for (size_t i = 0; i < sizeof(national) / sizeof(national[0]); i++) {
		ck_assert_msg(class_of(translation, national[i]) ==
				RIVERGATE__V1__LOSS_CLASS__LOSS_CLASS_NOT_TRANSFERABLE,
			"%s", national[i]);
	}
	ck_assert_int_eq(class_of(translation, "items[0].documents[0].reference"),
		RIVERGATE__V1__LOSS_CLASS__LOSS_CLASS_LOST);
	ck_assert_int_eq(class_of(translation, "items[0].commodity.hs6"),
		RIVERGATE__V1__LOSS_CLASS__LOSS_CLASS_UNSPECIFIED);
	ck_assert_str_eq(translation->mapping, "la/asycuda-sad");
	ck_assert_uint_gt(translation->carried, 15);
	convert_free(conversion);
	buf_deinit(&native);
	plugin_set_close(set);
}
END_TEST

/* The mark of the direction chooses rows, so it is read in one way in both directions. */
START_TEST(a_mark_of_the_direction_with_space_around_it_returns)
{
	static const char text[] = "<DecMessage><DecHead><IEFlag> E\n</IEFlag>"
				   "<DistinatePort>VNM001</DistinatePort>"
				   "<EntyPortCode>441900</EntyPortCode></DecHead></DecMessage>";
	struct plugin_set *set = open_plugins();
	struct check check = {set, "cn-dec", "<IEFlag> E", {(const uint8_t *)text, strlen(text)}};
	check_round_trip(&check);
	plugin_set_close(set);
}
END_TEST

/* The other plug-ins */

START_TEST(loopback_returns_byte_for_byte)
{
	struct plugin_set *set = open_plugins();
	struct buf native = {.data = NULL};
	struct buf json = {.data = NULL};
	struct buf back = {.data = NULL};
	read_own("adapters/loopback/testdata/export-bananas.txt", &native);
	convert_whole(set, "loopback", "json", buf_view(&native), &json);
	convert_whole(set, "json", "loopback", buf_view(&json), &back);
	ck_assert(bytes_equal(buf_view(&native), buf_view(&back)));
	buf_deinit(&native);
	buf_deinit(&json);
	buf_deinit(&back);
	plugin_set_close(set);
}
END_TEST

START_TEST(a_file_is_recognised_by_its_content)
{
	static const struct {
		const char *path;
		const char *format;
	} cases[] = {
		{"adapters/la/testdata/export-bananas.xml", "asycuda-sad"},
		{"adapters/cn/testdata/import-durian-gb.xml", "cn-dec"},
		{"adapters/loopback/testdata/export-bananas.txt", "loopback"},
		{"meson.build", NULL},
	};
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf file = {.data = NULL};
		read_own(cases[i].path, &file);
		const struct plugin_format *format = plugin_set_detect(set, buf_view(&file));
		ck_assert_msg(cases[i].format
				? format && strcmp(format->format->name, cases[i].format) == 0
				: !format,
			"%s", cases[i].path);
		buf_deinit(&file);
	}
	plugin_set_close(set);
}
END_TEST

CHECK_MAIN("formats", a_file_returns_through_json_identical_after_c14n,
	most_leaves_return_without_extensions_and_hints,
	the_table_of_the_readme_says_what_is_counted, a_file_of_the_list_is_refused_with_its_reason,
	changing_a_leaf_changes_its_elements_and_no_other,
	a_mark_of_the_direction_with_space_around_it_returns,
	every_element_is_in_the_output_or_in_the_loss_report,
	an_export_becomes_an_unsigned_import_draft_abroad,
	what_is_law_of_the_other_country_is_told_from_what_is_lost, loopback_returns_byte_for_byte,
	a_file_is_recognised_by_its_content)
