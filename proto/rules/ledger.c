/*
 * The ledger of one certificate: see ledger.h. What is said of it: ledger_take.c.
 *
 * Uses stand in the order in which they count: what is written off, what is reserved, what is
 * free; each by record. When one of them changes, only those behind it can see a change.
 *
 * Threads: the window's.
 */
#include "rules/ledger.h"

#include <string.h>

#define USE(name) RIVERGATE__V1__CERTIFICATE_USE__STATE__STATE_##name

/* The row */

static bool is_word(const char *text)
{
	size_t len = strnlen(text, LEDGER_WORD_MAX + 1);

	return len > 0 && len <= LEDGER_WORD_MAX;
}

bool ledger_is_name(const struct ledger_name *name)
{
	return is_word(name->type) && is_word(name->country) && is_word(name->number);
}

static void key_of(const struct ledger_name *name, struct buf *key)
{
	rows_key_of(key, ROWS_CERTIFICATE, name->type, name->country, name->number, NULL);
}

rg_err ledger_read(struct window_call *call, const struct ledger_name *name,
	Rivergate__V1__CertificateLedger **ret_ledger)
{
	scoped(buf_deinitv) struct buf key = {.data = NULL};
	ProtobufCMessage *message = NULL;

	key_of(name, &key);
	rg_err err = rows_get(call->window->store, &key,
		&rivergate__v1__certificate_ledger__descriptor, call->arena, &message);

	if (err) {
		return err;
	}
	if (!message) {
		Rivergate__V1__CertificateLedger *ledger =
			arena_alloc(call->arena, sizeof(*ledger));

		if (!ledger) {
			return RG_E_NOMEM;
		}
		rivergate__v1__certificate_ledger__init(ledger);
		message = &ledger->base;
	}
	*ret_ledger = (Rivergate__V1__CertificateLedger *)message;
	return RG_OK;
}

rg_err ledger_write(struct window_call *call, const struct ledger_name *name,
	const Rivergate__V1__CertificateLedger *ledger)
{
	scoped(buf_deinitv) struct buf key = {.data = NULL};

	key_of(name, &key);
	return !ledger->facts && !ledger->status && ledger->n_uses == 0
		? rows_remove(call->window->store, &key)
		: rows_put(call->window->store, &key, &ledger->base);
}

/* Quantities */

bool ledger_certified(const Rivergate__V1__CertificateLedger *ledger,
	struct quantity_amount *ret_amount)
{
	const Rivergate__V1__CertificateFacts *facts = ledger->facts;
	struct quantity_amount sum = {.unit = NULL};
	struct quantity_amount one;

	for (size_t i = 0; facts && i < facts->n_goods; i++) {
		if (!quantity_of(facts->goods[i]->quantity, &one)) {
			continue;
		}
		sum.unit = sum.unit ? sum.unit : one.unit;
		if (strcmp(sum.unit, one.unit) == 0) {
			sum.millionths = quantity_add(sum.millionths, one.millionths);
		}
	}
	/* Its issuer's last word may be less. */
	if (sum.unit && ledger->status && quantity_of(ledger->status->quantity, &one) &&
		strcmp(one.unit, sum.unit) == 0 && one.millionths < sum.millionths) {
		sum.millionths = one.millionths;
	}
	if (sum.unit) {
		*ret_amount = sum;
	}
	return sum.unit != NULL;
}

/* Uses */

static bool does_count(const Rivergate__V1__CertificateUse *use)
{
	return !use->stranger && use->state != USE(FREED);
}

static int64_t used(const Rivergate__V1__CertificateUse *use)
{
	return use->millionths > 0 ? use->millionths : 0;
}

/* Fills rets, one an entry of uses. */
static void stand(Rivergate__V1__CertificateUse *const *uses, size_t n, struct ledger_balance *rets)
{
	int64_t before = 0;
	bool is_first = true;

	for (size_t i = 0; i < n; i++) {
		rets[i] = (struct ledger_balance){uses[i], is_first, before};
		if (does_count(uses[i])) {
			before = quantity_add(before, used(uses[i]));
			is_first = false;
		}
	}
}

bool ledger_balance(const Rivergate__V1__CertificateLedger *ledger, const char *ucr,
	struct ledger_balance *ret_balance)
{
	struct ledger_balance balance = {.is_first = true};

	for (size_t i = 0; i < ledger->n_uses; i++) {
		balance.use = ledger->uses[i];
		if (strcmp(balance.use->ucr, ucr) == 0) {
			*ret_balance = balance;
			return true;
		}
		if (does_count(balance.use)) {
			balance.before = quantity_add(balance.before, used(balance.use));
			balance.is_first = false;
		}
	}
	return false;
}

static unsigned place_of(const Rivergate__V1__CertificateUse *use)
{
	if (use->state == USE(WRITTEN_OFF)) {
		return 0;
	}
	return use->state == USE(RESERVED) ? 1 : 2;
}

static bool is_before(const Rivergate__V1__CertificateUse *a,
	const Rivergate__V1__CertificateUse *b)
{
	if (place_of(a) != place_of(b)) {
		return place_of(a) < place_of(b);
	}
	return a->index != b->index ? a->index < b->index : strcmp(a->ucr, b->ucr) < 0;
}

/* Takes the use of a consignment out; NULL: it has none. */
static Rivergate__V1__CertificateUse *take_out(Rivergate__V1__CertificateLedger *ledger,
	const char *ucr)
{
	for (size_t i = 0; i < ledger->n_uses; i++) {
		Rivergate__V1__CertificateUse *use = ledger->uses[i];

		if (strcmp(use->ucr, ucr) == 0) {
			memmove(&ledger->uses[i], &ledger->uses[i + 1],
				(--ledger->n_uses - i) * sizeof(Rivergate__V1__CertificateUse *));
			return use;
		}
	}
	return NULL;
}

static rg_err put_in(struct window_call *call, Rivergate__V1__CertificateLedger *ledger,
	Rivergate__V1__CertificateUse *use)
{
	size_t at = 0;
	rg_err err = rows_append(call->arena, &ledger->uses, &ledger->n_uses, use);

	if (err) {
		return err;
	}
	while (at < ledger->n_uses - 1 && is_before(ledger->uses[at], use)) {
		at++;
	}
	memmove(&ledger->uses[at + 1], &ledger->uses[at],
		(ledger->n_uses - 1 - at) * sizeof(Rivergate__V1__CertificateUse *));
	ledger->uses[at] = use;
	return RG_OK;
}

/* Whoever grows, or comes back, stands behind those who were there before. */
static uint64_t index_of(const struct window_call *call,
	const Rivergate__V1__CertificateUse *before, const Rivergate__V1__CertificateUse *now)
{
	bool has_grown = before && before->millionths >= 0 && now->millionths > before->millionths;
	bool is_back = before && before->state == USE(FREED) && now->state != USE(FREED);

	return !before || has_grown || is_back ? call->record->index : before->index;
}

static bool is_same_use(const Rivergate__V1__CertificateUse *a,
	const Rivergate__V1__CertificateUse *b)
{
	return a->state == b->state && a->millionths == b->millionths && a->index == b->index &&
		a->stranger == b->stranger;
}

static bool exceeds(const struct ledger_balance *balance, int64_t certified)
{
	return quantity_add(balance->before, used(balance->use)) > certified;
}

/* Others keep their order: both lists without the consignment's own use are the same. */
struct touching {
	const char *ucr; /* its own */
	const struct ledger_balance *before;
	size_t n_before;
	const struct ledger_balance *after;
	size_t n_after;
};

static rg_err touch_others(struct window_call *call, const struct touching *it, int64_t certified)
{
	size_t before = 0;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < it->n_after; i++) {
		const struct ledger_balance *now = &it->after[i];

		if (strcmp(now->use->ucr, it->ucr) == 0) {
			continue;
		}
		while (before < it->n_before && it->before[before].use != now->use) {
			before++;
		}
		const struct ledger_balance *old =
			before < it->n_before ? &it->before[before] : now;
		if (old->is_first != now->is_first ||
			(old->before != now->before &&
				(exceeds(old, certified) || exceeds(now, certified)))) {
			err = window_touch(call, now->use->ucr);
		}
	}
	return err;
}

/* The ledger is another than at `before`: written, and others touched. */
static rg_err settle(struct window_call *call, const struct ledger_name *name,
	Rivergate__V1__CertificateLedger *ledger, struct touching *it)
{
	struct ledger_balance *after =
		arena_alloc(call->arena, (ledger->n_uses + 1) * sizeof(*after));
	struct quantity_amount certified = {.millionths = INT64_MAX};

	if (!after) {
		return RG_E_NOMEM;
	}
	(void)ledger_certified(ledger, &certified);
	stand(ledger->uses, ledger->n_uses, after);
	it->after = after;
	it->n_after = ledger->n_uses;
	rg_err err = ledger_write(call, name, ledger);

	return err ? err : touch_others(call, it, certified.millionths);
}

static Rivergate__V1__CertificateUse *copy_of(struct window_call *call, const char *ucr,
	const Rivergate__V1__CertificateUse *use, const Rivergate__V1__CertificateUse *before)
{
	Rivergate__V1__CertificateUse *copy = arena_alloc(call->arena, sizeof(*copy));

	if (copy) {
		*copy = *use;
		copy->ucr = (char *)ucr;
		copy->index = index_of(call, before, use);
	}
	return copy;
}

rg_err ledger_use(struct window_call *call, const struct ledger_name *name,
	Rivergate__V1__CertificateLedger *ledger, const char *ucr,
	const Rivergate__V1__CertificateUse *use)
{
	struct ledger_balance *before =
		arena_alloc(call->arena, (ledger->n_uses + 1) * sizeof(*before));
	struct touching it = {.ucr = ucr, .before = before, .n_before = ledger->n_uses};

	if (!before) {
		return RG_E_NOMEM;
	}
	stand(ledger->uses, ledger->n_uses, before);
	const Rivergate__V1__CertificateUse *old = take_out(ledger, ucr);
	if (!use) {
		return old ? settle(call, name, ledger, &it) : RG_OK;
	}
	if (!old && ledger->n_uses >= LEDGER_USES_MAX) {
		return RG_OK;
	}
	Rivergate__V1__CertificateUse *now = copy_of(call, ucr, use, old);
	rg_err err = now ? put_in(call, ledger, now) : RG_E_NOMEM;

	return err || (old && is_same_use(old, now)) ? err : settle(call, name, ledger, &it);
}
