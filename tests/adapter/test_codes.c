/*
 * Code tables: what they say, what they do not know, and files that must stop the build.
 */
#include <check.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "formats/codes/codes.h"
#include "suite.h"

struct known {
	const struct code_table *table;
	const char *national;
	const char *international;
};

static const struct known both_ways[] = {
	{&code_countries_alpha3, "LAO", "LA"},
	{&code_countries_alpha3, "KHM", "KH"},
	{&code_countries_numeric, "418", "LA"},
	{&code_countries_numeric, "036", "AU"},
	{&code_currencies_numeric, "704", "VND"},
	{&code_cn_countries, "VNM", "VN"},
	{&code_cn_countries, "CAI", "IC"},
	{&code_cn_units, "035", "KGM"},
	{&code_cn_units, "043", "CEN"},
	{&code_cn_packages, "22", "CT"},
	{&code_cn_modes, "4", "3"},
	{&code_cn_terms, "3", "FOB"},
	{&code_cn_containers, "22", "22R1"},
	{&code_cn_posts, "530802", "CNMHN"},
	{&code_flows, "E", "DIRECTION_EXPORT"},
};

START_TEST(a_code_has_its_counterpart_in_both_directions)
{
	for (size_t i = 0; i < sizeof(both_ways) / sizeof(both_ways[0]); i++) {
		const struct known *row = &both_ways[i];
		const char *in =
			code_international(row->table, row->national, strlen(row->national));
		const char *out = code_national(row->table, row->international);
		ck_assert_msg(in && strcmp(in, row->international) == 0, "%s", row->national);
		ck_assert_msg(out && strcmp(out, row->national) == 0, "%s", row->international);
	}
}
END_TEST

START_TEST(of_several_national_codes_for_one_the_first_is_written)
{
	ck_assert_str_eq(code_national(&code_cn_packages, "SA"), "06");
	ck_assert_str_eq(code_international(&code_cn_packages, "06", 2), "BG");
	ck_assert_str_eq(code_international(&code_cn_packages, "00", 2), "VR");
}
END_TEST

START_TEST(a_code_of_no_list_is_not_found)
{
	static const struct known unknown[] = {
		{&code_countries_alpha3, "LA", "LAO"},
		{&code_countries_alpha3, "lao", "la"},
		{&code_countries_alpha3, "LAOS", "L"},
		{&code_cn_countries, "ZAO", "XX"},
		{&code_cn_units, "024", "Q9Q"},
		{&code_cn_units, "010", "KG"},
		{&code_cn_units, "", ""},
		{&code_units, "XBX", "kilo"},
		{&code_packages, "ZZZ", "no package"},
		{&code_cn_currencies, "KHR", "KHR"},
		{&code_flows, "X", "DIRECTION_TRANSIT"},
	};
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		const struct known *row = &unknown[i];
		ck_assert_msg(!code_international(row->table, row->national, strlen(row->national)),
			"%s", row->national);
		ck_assert_msg(!code_national(row->table, row->international), "%s",
			row->international);
	}
}
END_TEST

/* The key need not end where it stops. */
START_TEST(only_the_length_given_is_compared)
{
	ck_assert_str_eq(code_international(&code_cn_units, "0351", 3), "KGM");
	ck_assert_ptr_null(code_international(&code_cn_units, "0351", 4));
	ck_assert_ptr_null(code_international(&code_cn_units, "0351", 2));
}
END_TEST

START_TEST(every_table_is_sorted_and_whole)
{
	static const struct {
		const struct code_table *table;
		size_t n_least;
	} tables[] = {{&code_countries, 249}, {&code_countries_alpha3, 249},
		{&code_countries_numeric, 249}, {&code_currencies, 170},
		{&code_currencies_numeric, 170}, {&code_units, 1700}, {&code_packages, 400},
		{&code_cn_countries, 249}, {&code_cn_currencies, 22}, {&code_cn_units, 35},
		{&code_cn_packages, 10}, {&code_cn_modes, 7}, {&code_cn_terms, 5},
		{&code_cn_containers, 6}, {&code_cn_posts, 10}, {&code_flows, 2}};
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		const struct code_table *table = tables[i].table;
		ck_assert_uint_ge(table->n_in, tables[i].n_least);
		for (size_t j = 1; j < table->n_in; j++) {
			ck_assert_int_lt(strcmp(table->in[j - 1].from, table->in[j].from), 0);
		}
		for (size_t j = 1; j < table->n_out; j++) {
			ck_assert_int_lt(strcmp(table->out[j - 1].from, table->out[j].from), 0);
		}
	}
}
END_TEST

/* Runs the generator on one table of one file; returns its exit status. */
static int generate(const char *table, const char *file)
{
	char folder[] = "/tmp/rivergate-codes-XXXXXX";
	char paths[3][128];
	char script[4096];
	const char *texts[] = {table, file};
	int status = -1;
	pid_t pid = 0;
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(script, sizeof(script), "%s/adapters/formats/codes/generate.py",
		getenv("RIVERGATE_SOURCE"));
	static const char *const names[] = {"tables.csv", "some.csv", "out.c"};
	for (size_t i = 0; i < 3; i++) {
		snprintf(paths[i], sizeof(paths[i]), "%s/%s", folder, names[i]);
		FILE *out = i < 2 ? fopen(paths[i], "w") : NULL;
		if (out) {
			fputs(texts[i], out);
			fclose(out);
		}
	}
	char *arguments[] = {(char *)"python3", script, paths[0], paths[2], paths[1], NULL};
	extern char **environ;
	ck_assert_int_eq(posix_spawnp(&pid, "python3", NULL, NULL, arguments, environ), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	for (size_t i = 0; i < 3; i++) {
		unlink(paths[i]);
	}
	rmdir(folder);
	return WEXITSTATUS(status);
}

#define HEAD "table,file,national,international\n"

START_TEST(a_table_that_does_not_fit_its_file_is_refused)
{
	static const char *const wrong[][2] = {
		{HEAD "t,some.csv,a,b\n", "a,b\n1,2,3\n"},    /* too many fields */
		{HEAD "t,some.csv,a,b\n", "a,b\n1\n"},        /* too few */
		{HEAD "t,some.csv,a,b\n", "a,b\n1 ,2\n"},     /* white space */
		{HEAD "t,some.csv,a,b\n", "a,b\n\"1\"x,2\n"}, /* quotes */
		{HEAD "t,some.csv,a,b\n", "a,b\n"},           /* no rows */
		{HEAD "t,some.csv,a,b\n", ""},
		{HEAD "t,some.csv,a,c\n", "a,b\n1,2\n"},  /* no such column */
		{HEAD "t,other.csv,a,b\n", "a,b\n1,2\n"}, /* no such file */
		{HEAD, "a,b\n1,2\n"},
	};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_msg(generate(wrong[i][0], wrong[i][1]) != 0, "%s%s", wrong[i][0],
			wrong[i][1]);
	}
	ck_assert_int_eq(generate(HEAD "t,some.csv,a,b\n", "a,b\n1,2\n"), 0);
}
END_TEST

CHECK_MAIN("codes", a_code_has_its_counterpart_in_both_directions,
	of_several_national_codes_for_one_the_first_is_written, a_code_of_no_list_is_not_found,
	only_the_length_given_is_compared, every_table_is_sorted_and_whole,
	a_table_that_does_not_fit_its_file_is_refused)
