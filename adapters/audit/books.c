/*
 * A party's own books against a log: see books.h and reconcile.h.
 *
 * Threads: any for the book; the rest as reconcile.h says.
 */
#include "audit/books.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "audit/reconcile.h"
#include "base/file.h"
#include "base/text.h"

#define FOLDERS_MAX 4
#define WORD_MAX    32

/* --- The book --------------------------------------------------------------------------------- */

void books_deinit(struct books *books)
{
	free(books->lines);
	*books = (struct books){.lines = NULL};
}

static rg_err add_line(struct books *books, uint64_t counter, uint64_t index)
{
	if (books->n_lines == books->n_room) {
		size_t n_room = books->n_room ? books->n_room * 2 : 64;
		struct books_line *lines = realloc(books->lines, n_room * sizeof(*lines));

		if (!lines) {
			return RG_E_NOMEM;
		}
		books->lines = lines;
		books->n_room = n_room;
	}
	books->lines[books->n_lines++] = (struct books_line){counter, index};
	books->highest = counter > books->highest ? counter : books->highest;
	return RG_OK;
}

/* The next word of a line, up to a space or its end; false: there is none, or it is too long. */
static bool next_word(struct rg_bytes *line, char word[WORD_MAX])
{
	size_t len = 0;

	while (len < line->len && line->data[len] != ' ') {
		len++;
	}
	/* A space stands between two words, never at the end. */
	if (len == 0 || len >= WORD_MAX || len + 1 == line->len) {
		return false;
	}
	memcpy(word, line->data, len);
	word[len] = '\0';
	size_t skip = len + (len < line->len);

	*line = bytes_of(line->data + skip, line->len - skip);
	return true;
}

static bool read_numbers(struct rg_bytes line, uint64_t ret_numbers[3])
{
	char word[WORD_MAX];

	for (size_t i = 0; i < 3; i++) {
		if (!next_word(&line, word) || !text_u64(word, &ret_numbers[i])) {
			return false;
		}
	}
	return line.len == 0;
}

static rg_err read_line(struct books *books, struct rg_bytes line, bool *ret_is_read)
{
	char word[WORD_MAX];
	uint64_t numbers[3];

	*ret_is_read = next_word(&line, word) && read_numbers(line, numbers);
	if (!*ret_is_read) {
		return RG_OK;
	}
	if (strcmp(word, "delivery") == 0) {
		*ret_is_read = numbers[0] > 0;
		return numbers[0] > 0 ? add_line(books, numbers[0], numbers[1]) : RG_OK;
	}
	*ret_is_read = strcmp(word, "missing") == 0;
	return RG_OK;
}

rg_err books_read(struct rg_bytes text, struct books *ret_books, size_t *ret_line)
{
	scoped(books_deinitv) struct books books = {.lines = NULL};
	struct rg_bytes line;
	bool is_read = true;
	size_t n = 0;
	rg_err err = RG_OK;

	while (!err && is_read && text_next_line(&text, &line)) {
		n++;
		err = read_line(&books, line, &is_read);
	}
	/* A last line without its end was being written when the machine stopped. */
	if (err) {
		return err;
	}
	*ret_line = is_read ? 0 : n;
	if (is_read) {
		*ret_books = books;
		books = (struct books){.lines = NULL};
	}
	return RG_OK;
}

/* Marks what came; a counter beyond the list, or with another record, is told. */
static uint64_t strike(const struct books *books, const uint64_t *listed, size_t n_listed,
	uint8_t *came, struct findings *findings)
{
	uint64_t n_agreed = 0;

	for (size_t i = 0; i < books->n_lines; i++) {
		const struct books_line *line = &books->lines[i];

		if (line->counter > n_listed) {
			findings_add(findings, FINDING_COUNTER, line->index,
				"delivery %llu brought record %llu; the log lists %zu deliveries",
				(unsigned long long)line->counter, (unsigned long long)line->index,
				n_listed);
			continue;
		}
		if (listed[line->counter - 1] != line->index) {
			findings_add(findings, FINDING_COUNTER, line->index,
				"delivery %llu brought record %llu; the log lists record %llu",
				(unsigned long long)line->counter, (unsigned long long)line->index,
				(unsigned long long)listed[line->counter - 1]);
			continue;
		}
		n_agreed += !came[line->counter - 1];
		came[line->counter - 1] = 1;
	}
	return n_agreed;
}

uint64_t books_judge(const struct books *books, const uint64_t *listed, size_t n_listed,
	struct findings *findings)
{
	scoped(freep) uint8_t *came = calloc(n_listed ? n_listed : 1, 1);

	if (!came) {
		findings->err = RG_E_NOMEM;
		return 0;
	}
	uint64_t n_agreed = strike(books, listed, n_listed, came, findings);

	for (size_t i = 0; i < n_listed && i < books->highest; i++) {
		if (!came[i]) {
			findings_add(findings, FINDING_UNDELIVERED, listed[i],
				"delivery %zu is not in the party's book, though later ones are",
				i + 1);
		}
	}
	return n_agreed;
}

/* --- Against a log ---------------------------------------------------------------------------- */

struct watching {
	const char *party;
	uint64_t *listed;
	size_t n_listed;
	size_t n_room;
};

/* Notes the record if it opens a delivery to the party: its counter is then the next. */
static bool watch(void *context, uint64_t index, const struct examined *examined)
{
	struct watching *it = context;
	bool is_meant = false;

	for (size_t i = 0; i < examined->n_recipients; i++) {
		is_meant = is_meant || strcmp(examined->recipients[i]->address, it->party) == 0;
	}
	if (!is_meant) {
		return true;
	}
	if (it->n_listed == it->n_room) {
		size_t n_room = it->n_room ? it->n_room * 2 : 256;
		uint64_t *listed = realloc(it->listed, n_room * sizeof(*listed));

		if (!listed) {
			return false;
		}
		it->listed = listed;
		it->n_room = n_room;
	}
	it->listed[it->n_listed++] = index;
	return true;
}

/* An adapter keeps it below client/, another client beside its spool. */
static rg_err find_book(const char *state, struct buf *text, bool *ret_found)
{
	static const char *const names[] = {"client/deliveries", "deliveries"};
	rg_err err = RG_OK;

	*ret_found = false;
	for (size_t i = 0; !err && !*ret_found && i < sizeof(names) / sizeof(names[0]); i++) {
		scoped(freep) char *path = file_join(state, names[i]);

		err = path ? file_read(path, BOOKS_FILE_MAX, text, ret_found) : RG_E_NOMEM;
	}
	return err;
}

static rg_err read_book(const char *state, struct books *books, struct reconcile_report *report)
{
	scoped(buf_deinitv) struct buf text = {.data = NULL};
	bool is_found = false;
	size_t line = 0;
	rg_err err = find_book(state, &text, &is_found);

	if (err || !is_found) {
		return err;
	}
	err = books_read(buf_view(&text), books, &line);
	if (!err && line) {
		findings_add(&report->findings, FINDING_COUNTER, FINDING_NO_RECORD,
			"line %zu of the party's book of deliveries cannot be read", line);
	}
	report->has_books = !err && !line;
	return err;
}

static void free_folders(char *(*folders)[FOLDERS_MAX])
{
	for (size_t i = 0; i < FOLDERS_MAX; i++) {
		free((*folders)[i]);
	}
}

/* The folders of a state that hold receipts. */
static rg_err list_folders(const char *state, char *folders[FOLDERS_MAX], size_t *ret_n)
{
	static const char *const names[FOLDERS_MAX] = {"sent", "receipts", "inbox", "."};
	struct stat status;

	*ret_n = 0;
	for (size_t i = 0; i < FOLDERS_MAX; i++) {
		char *path = file_join(state, names[i]);

		if (!path) {
			return RG_E_NOMEM;
		}
		if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
			folders[(*ret_n)++] = path;
		} else {
			free(path);
		}
	}
	return RG_OK;
}

static rg_err verify_log(const char *state, struct watching *watching,
	const struct verify_options *options, struct verify_report *ret_report)
{
	scoped(free_folders) char *folders[FOLDERS_MAX] = {NULL};
	struct verify_options own = *options;
	size_t n_folders = 0;
	rg_err err = list_folders(state, folders, &n_folders);

	own.earlier = (const char *const *)folders;
	own.n_earlier = n_folders;
	own.observe = watch;
	own.context = watching;
	own.progress = NULL;
	own.state = NULL;
	return err ? err : verify_run(&own, ret_report);
}

rg_err reconcile_party(const char *state, const char *party, const struct verify_options *options,
	struct reconcile_report *ret_report)
{
	scoped(books_deinitv) struct books books = {.lines = NULL};
	struct reconcile_report report = {.size_a = 0};
	struct watching watching = {.party = party};
	struct verify_report verified = {.size = 0};
	rg_err err = verify_log(state, &watching, options, &verified);

	if (!err) {
		report.findings = verified.findings;
		report.n_receipts = verified.n_earlier;
		(void)snprintf(report.origin, sizeof(report.origin), "%s", verified.origin);
		err = read_book(state, &books, &report);
	}
	if (!err && report.has_books && verified.is_judged) {
		report.n_common =
			books_judge(&books, watching.listed, watching.n_listed, &report.findings);
	}
	if (!err && report.has_books && !verified.is_judged) {
		findings_add(&report.findings, FINDING_MISSING, FINDING_NO_RECORD,
			"whom the log's messages went to was not judged, so the party's book was "
			"not compared: give --registry, --directories and --pin");
	}
	report.size_a = books.n_lines;
	report.size_b = watching.n_listed;
	free(watching.listed);
	err = err ? err : report.findings.err;
	if (err) {
		findings_deinit(&report.findings);
		return err;
	}
	findings_sort(&report.findings);
	*ret_report = report;
	return RG_OK;
}
