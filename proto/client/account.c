/*
 * The account of deliveries: see account.h
 *
 * Everything up to `low` is settled or reported as missing. What came above it stands in
 * `held`, sorted by counter and so by record; it is short unless something is missing.
 * Records of the newest settled deliveries below `low` are remembered, so that the same
 * counter with another record is found; of older ones it is only known that their
 * records are not newer.
 * Threads: owned by the session's thread.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "client/account.h"

#define RECENT       4096
#define HELD_FULL    ((size_t)1 << 19) /* from here on no gap is waited for */
#define HELD_MAX     ((size_t)1 << 21)
#define ASK_AFTER_US ((int64_t)3 * 1000 * 1000)
#define ASK_EVERY_US ((int64_t)600 * 1000 * 1000)
#define LINE_MAX_LEN 96
#define WAIT_US      ((int64_t)24 * 3600 * 1000 * 1000)

struct item {
	uint64_t counter;
	uint64_t index;
	int64_t time_us;
	bool is_settled;
};

struct range {
	uint64_t first;
	uint64_t last;
};

struct account {
	char *path; /* NULL: nothing is stored */
	int fd;
	off_t size;
	int64_t wait_us;
	struct buf lines; /* to be written */

	uint64_t low;
	struct item newest; /* of the settled below low */
	struct item recent[RECENT];
	struct item *held;
	size_t n_held;
	size_t held_room;
	struct range *missing; /* reported; ascending */
	size_t n_missing;
	size_t missing_room;
	uint64_t highest;

	struct account_gap gaps[ACCOUNT_GAPS];
	size_t n_gaps;
	bool are_gaps_old;
};

/* --- Searching -------------------------------------------------------------------------------- */

/* Where the counter stands in held, or would. */
static size_t place_of(const struct account *account, uint64_t counter)
{
	size_t low = 0;
	size_t high = account->n_held;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (account->held[middle].counter < counter) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

static struct item *find_held(const struct account *account, uint64_t counter)
{
	size_t i = place_of(account, counter);

	return i < account->n_held && account->held[i].counter == counter ? &account->held[i]
									  : NULL;
}

/* Counters and records have one order, see account_contradiction(). */
static struct item *find_record(const struct account *account, uint64_t index)
{
	size_t low = 0;
	size_t high = account->n_held;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (account->held[middle].index < index) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low < account->n_held && account->held[low].index == index ? &account->held[low]
									  : NULL;
}

/* The range that holds the counter; n_missing: none. */
static size_t find_missing(const struct account *account, uint64_t counter)
{
	for (size_t i = 0; i < account->n_missing; i++) {
		if (account->missing[i].first <= counter && counter <= account->missing[i].last) {
			return i;
		}
	}
	return account->n_missing;
}

static bool is_missing(const struct account *account, uint64_t counter)
{
	return find_missing(account, counter) < account->n_missing;
}

static const char *settled_contradiction(const struct account *account, uint64_t counter,
	uint64_t index)
{
	const struct item *recent = &account->recent[counter % RECENT];

	if (recent->counter == counter ? recent->index != index : index > account->newest.index) {
		return "its counter was that of another record before";
	}
	return NULL;
}

const char *account_contradiction(const struct account *account, uint64_t counter, uint64_t index)
{
	const struct item *held = find_held(account, counter);

	if (counter == 0) {
		return "it carries no counter";
	}
	if (held) {
		return held->index == index ? NULL : "two records have one counter";
	}
	if (counter <= account->low && !is_missing(account, counter)) {
		return settled_contradiction(account, counter, index);
	}
	size_t i = place_of(account, counter);
	const struct item *before = i > 0 ? &account->held[i - 1] : &account->newest;
	const struct item *after = i < account->n_held ? &account->held[i] : NULL;
	if ((before->counter && before->counter < counter && before->index >= index) ||
		(after && after->index <= index)) {
		return "its counter is not in the order of the records";
	}
	return NULL;
}

/* --- What came -------------------------------------------------------------------------------- */

static rg_err make_room(void **items, size_t *room, size_t n, size_t size)
{
	if (n < *room) {
		return RG_OK;
	}
	size_t more = *room ? *room * 2 : 64;
	void *grown = realloc(*items, more * size);

	if (!grown) {
		return RG_E_NOMEM;
	}
	*items = grown;
	*room = more;
	return RG_OK;
}

static rg_err insert(struct account *account, const struct item *item)
{
	size_t i = place_of(account, item->counter);
	void *held = account->held;
	rg_err err = account->n_held < HELD_MAX
		? make_room(&held, &account->held_room, account->n_held, sizeof(*item))
		: RG_E_OVERFLOW;

	account->held = held;
	if (err) {
		return err;
	}
	memmove(&account->held[i + 1], &account->held[i], (account->n_held - i) * sizeof(*item));
	account->held[i] = *item;
	account->n_held++;
	account->highest = item->counter > account->highest ? item->counter : account->highest;
	account->are_gaps_old = true;
	return RG_OK;
}

static void remember(struct account *account, const struct item *item)
{
	account->recent[item->counter % RECENT] = *item;
	if (item->counter > account->newest.counter) {
		account->newest = *item;
	}
}

/* Raises low over what is settled and what is reported. */
static void absorb(struct account *account)
{
	size_t n = 0;

	for (;;) {
		size_t i = find_missing(account, account->low + 1);

		if (i < account->n_missing) {
			account->low = account->missing[i].last;
		} else if (n < account->n_held && account->held[n].is_settled &&
			account->held[n].counter <= account->low + 1) {
			remember(account, &account->held[n]);
			account->low = account->held[n].counter > account->low
				? account->held[n].counter
				: account->low;
			n++;
		} else {
			break;
		}
	}
	account->n_held -= n;
	memmove(account->held, account->held + n, account->n_held * sizeof(*account->held));
}

static rg_err add_missing(struct account *account, uint64_t first, uint64_t last)
{
	void *missing = account->missing;
	rg_err err = make_room(&missing, &account->missing_room, account->n_missing,
		sizeof(struct range));
	size_t i = account->n_missing;

	account->missing = missing;
	if (err) {
		return err;
	}
	while (i > 0 && account->missing[i - 1].first > first) {
		account->missing[i] = account->missing[i - 1];
		i--;
	}
	account->missing[i] = (struct range){first, last};
	account->n_missing++;
	account->are_gaps_old = true;
	return RG_OK;
}

/* What was reported as missing came after all. */
static rg_err cut_missing(struct account *account, uint64_t counter)
{
	size_t i = find_missing(account, counter);

	if (i == account->n_missing) {
		return RG_OK;
	}
	struct range range = account->missing[i];
	account->n_missing--;
	memmove(&account->missing[i], &account->missing[i + 1],
		(account->n_missing - i) * sizeof(range));
	rg_err err = range.first < counter ? add_missing(account, range.first, counter - 1) : RG_OK;
	return err || counter == range.last ? err : add_missing(account, counter + 1, range.last);
}

rg_err account_offer(struct account *account, uint64_t counter, uint64_t index, int64_t now_us)
{
	const struct item item = {.counter = counter, .index = index, .time_us = now_us};
	bool is_known = counter <= account->low && !is_missing(account, counter);

	return is_known || find_held(account, counter) ? RG_OK : insert(account, &item);
}

/* Takes an item that is settled into the account. */
static rg_err settle(struct account *account, struct item *item)
{
	item->is_settled = true;
	rg_err err = cut_missing(account, item->counter);

	absorb(account);
	account->are_gaps_old = true;
	return err;
}

rg_err account_settle(struct account *account, uint64_t index, int64_t now_us)
{
	struct item *item = find_record(account, index);

	if (!item || item->is_settled) {
		return RG_OK;
	}
	if (account->path) {
		buf_printf(&account->lines, "delivery %llu %llu %lld\n",
			(unsigned long long)item->counter, (unsigned long long)index,
			(long long)now_us);
	}
	if (is_missing(account, item->counter)) {
		log_event(LOG_WARNING, "client", "delivery-came-late",
			log_number("counter", (int64_t)item->counter),
			log_number("index", (int64_t)index));
	}
	rg_err err = settle(account, item);
	return err ? err : buf_error(&account->lines);
}

/* --- Gaps ------------------------------------------------------------------------------------- */

/* Keeps what is known of a gap that was there before. */
static struct account_gap gap_of(const struct account_gap *old, size_t n_old,
	const struct account_gap *fresh)
{
	for (size_t i = 0; i < n_old; i++) {
		if (old[i].first == fresh->first && old[i].last == fresh->last) {
			return old[i];
		}
	}
	return *fresh;
}

/* When the first delivery above came, for each item: the earliest from here to the end. */
static int64_t noticed_us(const struct account *account, size_t from)
{
	int64_t least = INT64_MAX;

	for (size_t i = from; i < account->n_held; i++) {
		least = account->held[i].time_us < least ? account->held[i].time_us : least;
	}
	return least;
}

/* The first counter of [first, last] that is not reported; last + 1: all are. */
static uint64_t skip_missing(const struct account *account, uint64_t first, uint64_t last)
{
	size_t i = find_missing(account, first);

	while (first <= last && i < account->n_missing) {
		first = account->missing[i].last + 1;
		i = find_missing(account, first);
	}
	return first <= last ? first : last + 1;
}

static uint64_t end_of_gap(const struct account *account, uint64_t first, uint64_t last)
{
	for (size_t i = 0; i < account->n_missing; i++) {
		if (account->missing[i].first > first && account->missing[i].first <= last) {
			return account->missing[i].first - 1;
		}
	}
	return last;
}

/* The gaps between the item before `at` and the one there. */
static void add_gaps_before(struct account *account, size_t at, const struct account_gap *old,
	size_t n_old)
{
	const struct item *before = at ? &account->held[at - 1] : &account->newest;
	uint64_t last = account->held[at].counter - 1;
	uint64_t from = at && before->counter > account->low ? before->counter : account->low;
	uint64_t first = skip_missing(account, from + 1, last);

	while (first <= last && account->n_gaps < ACCOUNT_GAPS) {
		const struct account_gap fresh = {
			.first = first,
			.last = end_of_gap(account, first, last),
			.after_index = before->counter ? before->index : 0,
			.before_index = account->held[at].index,
			.noticed_us = noticed_us(account, at),
		};

		account->gaps[account->n_gaps++] = gap_of(old, n_old, &fresh);
		first = skip_missing(account, fresh.last + 1, last);
	}
}

struct account_gap *account_gaps(struct account *account, size_t *ret_n)
{
	struct account_gap old[ACCOUNT_GAPS];
	size_t n_old = account->n_gaps;

	if (account->are_gaps_old) {
		memcpy(old, account->gaps, sizeof(old));
		account->n_gaps = 0;
		for (size_t i = 0; i < account->n_held && account->n_gaps < ACCOUNT_GAPS; i++) {
			if (account->held[i].counter > account->low + 1) {
				add_gaps_before(account, i, old, n_old);
			}
		}
		account->are_gaps_old = false;
	}
	*ret_n = account->n_gaps;
	return account->gaps;
}

struct account_gap *account_to_ask(struct account *account, int64_t now_us)
{
	size_t n = 0;

	(void)account_gaps(account, &n);
	for (size_t i = 0; i < n; i++) {
		struct account_gap *gap = &account->gaps[i];

		if (now_us - gap->noticed_us >= ASK_AFTER_US &&
			(!gap->asked_us || now_us - gap->asked_us >= ASK_EVERY_US)) {
			gap->asked_us = now_us;
			return gap;
		}
	}
	return NULL;
}

static bool is_due(const struct account *account, const struct account_gap *gap, int64_t now_us)
{
	return account->n_held >= HELD_FULL || now_us - gap->noticed_us >= account->wait_us ||
		(gap->expires_us && now_us >= gap->expires_us);
}

rg_err account_take_due(struct account *account, int64_t now_us, struct account_gap *ret_gap,
	bool *ret_has)
{
	size_t n = 0;
	size_t i = 0;
	const struct account_gap *gaps = account_gaps(account, &n);

	while (i < n && !is_due(account, &gaps[i], now_us)) {
		i++;
	}
	*ret_has = i < n;
	if (i == n) {
		return RG_OK;
	}
	*ret_gap = gaps[i];
	if (account->path) {
		buf_printf(&account->lines, "missing %llu %llu %lld\n",
			(unsigned long long)ret_gap->first, (unsigned long long)ret_gap->last,
			(long long)now_us);
	}
	rg_err err = add_missing(account, ret_gap->first, ret_gap->last);
	absorb(account);
	return err ? err : buf_error(&account->lines);
}

bool account_missing_at(const struct account *account, size_t i, uint64_t *ret_first,
	uint64_t *ret_last)
{
	if (i >= account->n_missing) {
		return false;
	}
	*ret_first = account->missing[i].first;
	*ret_last = account->missing[i].last;
	return true;
}

uint64_t account_highest(const struct account *account)
{
	return account->highest;
}

uint64_t account_missing(const struct account *account)
{
	uint64_t n = 0;

	for (size_t i = 0; i < account->n_missing; i++) {
		n += account->missing[i].last - account->missing[i].first + 1;
	}
	return n;
}

/* --- The file --------------------------------------------------------------------------------- */

rg_err account_save(struct account *account)
{
	if (account->lines.len == 0) {
		return RG_OK;
	}
	if (file_write_all(account->fd, buf_view(&account->lines)) != RG_OK ||
		fdatasync(account->fd) != 0) {
		log_event(LOG_ERROR, "client", "deliveries-not-stored",
			log_text("file", account->path), log_errno(),
			log_text("do", "make room; nothing is settled until this file can grow"));
		/* A line that stands there twice says the same twice. */
		if (ftruncate(account->fd, account->size) != 0) {
			log_event(LOG_ERROR, "client", "deliveries-not-cut",
				log_text("file", account->path), log_errno());
		}
		return RG_E_IO;
	}
	account->size += (off_t)account->lines.len;
	buf_clear(&account->lines);
	return RG_OK;
}

/* The words of a line: three numbers behind its name. */
static bool read_words(const char *line, const char *name, uint64_t ret_numbers[3])
{
	char words[3][24];
	char end = '\0';
	size_t len = strlen(name);

	if (strncmp(line, name, len) != 0 || line[len] != ' ' ||
		sscanf(line + len, " %23[0-9] %23[0-9] %23[0-9]%c", words[0], words[1], words[2],
			&end) != 4 ||
		end != '\n') {
		return false;
	}
	return text_u64(words[0], &ret_numbers[0]) && text_u64(words[1], &ret_numbers[1]) &&
		text_u64(words[2], &ret_numbers[2]) && ret_numbers[2] <= INT64_MAX;
}

static rg_err take_delivery(struct account *account, const uint64_t numbers[3], bool *ret_is_good)
{
	const struct item item = {numbers[0], numbers[1], (int64_t)numbers[2], false};

	*ret_is_good = account_contradiction(account, item.counter, item.index) == NULL;
	if (!*ret_is_good) {
		return RG_OK;
	}
	rg_err err = account_offer(account, item.counter, item.index, item.time_us);
	struct item *held = err ? NULL : find_held(account, item.counter);
	return held ? settle(account, held) : err;
}

static rg_err take_line(struct account *account, const char *line, bool *ret_is_good)
{
	uint64_t numbers[3];

	if (read_words(line, "delivery", numbers)) {
		return take_delivery(account, numbers, ret_is_good);
	}
	*ret_is_good = read_words(line, "missing", numbers) && numbers[0] > 0 &&
		numbers[0] <= numbers[1] && numbers[1] < UINT64_MAX;
	if (!*ret_is_good) {
		return RG_OK;
	}
	rg_err err = is_missing(account, numbers[0]) ? RG_OK
						     : add_missing(account, numbers[0], numbers[1]);
	absorb(account);
	return err;
}

static rg_err damaged(const struct account *account, uint64_t number)
{
	log_event(LOG_ERROR, "client", "deliveries-damaged", log_text("file", account->path),
		log_number("line", (int64_t)number),
		log_text("do",
			"set the file aside and keep it; without it counting begins anew, and what "
			"is missing before cannot be said"));
	return RG_E_FORMAT;
}

static void text_free(char **text)
{
	free(*text);
}

static void close_file(FILE **file)
{
	if (*file) {
		(void)fclose(*file);
	}
}

/* What a crash left of the last line was never counted. */
static rg_err load(struct account *account)
{
	scoped(close_file) FILE *file = fopen(account->path, "re");
	char line[LINE_MAX_LEN];
	uint64_t number = 0;
	bool is_good = true;
	rg_err err = RG_OK;

	if (!file) {
		return errno == ENOENT ? RG_OK : RG_E_IO;
	}
	while (!err && is_good && fgets(line, sizeof(line), file) &&
		(strchr(line, '\n') || !feof(file))) {
		number++;
		err = take_line(account, line, &is_good);
		account->size = is_good ? (off_t)ftell(file) : account->size;
	}
	if (err) {
		return err;
	}
	return !is_good ? damaged(account, number) : ferror(file) ? RG_E_IO : RG_OK;
}

static rg_err open_file(struct account *account)
{
	account->fd = open(account->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (account->fd < 0 || ftruncate(account->fd, account->size) != 0) {
		log_event(LOG_ERROR, "client", "cannot-open", log_text("file", account->path),
			log_errno());
		return RG_E_IO;
	}
	return RG_OK;
}

rg_err account_open(const char *state_path, int64_t wait_us, struct account **ret_account)
{
	scoped(account_closep) struct account *account = calloc(1, sizeof(*account));

	if (!account) {
		return RG_E_NOMEM;
	}
	account->fd = -1;
	account->wait_us = wait_us > 0 ? wait_us : WAIT_US;
	buf_init(&account->lines);
	rg_err err = RG_OK;
	if (state_path) {
		account->path = file_join(state_path, ACCOUNT_FILE);
		err = account->path ? load(account) : RG_E_NOMEM;
		err = err ? err : open_file(account);
		err = err ? err : file_sync_dir(state_path);
	}
	if (!err) {
		*ret_account = steal(account);
	}
	return err;
}

rg_err account_look(const char *state_path, struct account **ret_account)
{
	scoped(account_closep) struct account *account = NULL;
	scoped(text_free) char *path = file_join(state_path, ACCOUNT_FILE);
	rg_err err = path ? account_open(NULL, 0, &account) : RG_E_NOMEM;

	*ret_account = NULL;
	if (err || access(path, F_OK) != 0) {
		return err;
	}
	account->path = steal(path);
	err = load(account);
	free(account->path);
	account->path = NULL;
	if (!err) {
		*ret_account = steal(account);
	}
	return err;
}

void account_close(struct account *account)
{
	if (!account) {
		return;
	}
	fd_close(&account->fd);
	buf_deinit(&account->lines);
	free(account->held);
	free(account->missing);
	free(account->path);
	free(account);
}
