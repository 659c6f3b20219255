#ifndef TESTS_SUITE_H
#define TESTS_SUITE_H

/*
 * The main function of a test program
 *
 * A test program is one file: its tests, then one line that names them.
 *
 *     START_TEST(empty_name_is_refused)
 *     {
 *             ...
 *     }
 *     END_TEST
 *
 *     CHECK_MAIN("registry_address", empty_name_is_refused, longest_prefix_wins)
 *
 * Every test runs in a process of its own, so that one that crashes is one
 * that fails. A test that the list forgets does not compile (unused variable).
 * A test has CHECK_TIMEOUT_S seconds; the sanitizer builds multiply them
 * through the environment (CK_TIMEOUT_MULTIPLIER).
 */

#include <check.h>
#include <stddef.h>
#include <stdlib.h>

#include "slowness.h"

#define CHECK_TIMEOUT_S 180

/* Runs the tests and returns what main() returns. */
static inline int check_run(const char *name, const TTest *const tests[], size_t n_tests)
{
	TCase *tc = tcase_create(name);
	Suite *suite = suite_create(name);
	SRunner *runner = srunner_create(suite);

	tcase_set_timeout(tc, CHECK_TIMEOUT_S);
	for (size_t i = 0; i < n_tests; i++) {
		tcase_add_test(tc, tests[i]);
	}
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#define CHECK_MAIN(name, ...) \
	int main(void) \
	{ \
		const TTest *const tests[] = {__VA_ARGS__}; \
\
		return check_run(name, tests, sizeof(tests) / sizeof(tests[0])); \
	}

#endif
