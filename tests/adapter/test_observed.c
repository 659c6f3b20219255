/*
 * The ASYCUDA table against real files: every element seen is known, and each file's
 * elements stand in the table's order. Made-up files are the negative cases.
 */
#include <check.h>
#include <glob.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/asycuda-sad/sad.h"
#include "formats/xml/mapping.h"
#include "suite.h"

static const char unknown[] = "an element that the table does not know";
static const char late[] = "an element in another order than the table's";

static const char *check_children(xmlNodePtr node, const struct xml_rule *rule)
{
	const char *problem = NULL;
	unsigned rank = 0;
	for (xmlNodePtr child = node->children; child && !problem; child = child->next) {
		const char *name = (const char *)child->name;
		if (child->type != XML_ELEMENT_NODE || strcmp(name, "null") == 0) {
			continue;
		}
		const struct xml_rule *known = xml_rules_find(rule, name);
		problem = !known ? unknown : known->rank < rank ? late : NULL;
		rank = known ? known->rank : rank;
		if (problem) {
			printf("%s in %s: %s\n", name, (const char *)node->name, problem);
		}
		problem = problem ? problem : check_children(child, known);
	}
	return problem;
}

/* What is wrong with a file; NULL: nothing. */
static const char *check_document(xmlDocPtr doc)
{
	struct pool *pool = pool_new((size_t)1 << 24);
	ck_assert_ptr_nonnull(doc);
	ck_assert_ptr_nonnull(pool);
	const struct xml_rule *rules = xml_rules_build(pool, &asycuda_sad_profile);
	ck_assert_ptr_nonnull(rules);
	const char *problem = check_children(xmlDocGetRootElement(doc), rules);
	xmlFreeDoc(doc);
	pool_free(pool);
	return problem;
}

static const char *check_text(const char *text)
{
	return check_document(xmlReadMemory(text, (int)strlen(text), NULL, NULL, XML_PARSE_NONET));
}

static const char *samples(void)
{
	const char *folder = getenv("RIVERGATE_SAMPLES");
	if (!folder || !*folder) {
		printf("skip: RIVERGATE_SAMPLES names no folder\n0 passed, 0 failed, 1 skipped\n");
		return NULL;
	}
	return folder;
}

START_TEST(every_path_seen_in_real_files_is_known)
{
	char line[1024];
	size_t n = 0;
	if (!samples()) {
		return;
	}
	snprintf(line, sizeof(line), "%s/asycuda/OBSERVED_SCHEMA_ASYCUDA.tsv", samples());
	FILE *in = fopen(line, "r");
	struct pool *pool = pool_new((size_t)1 << 24);
	ck_assert(in && pool);
	const struct xml_rule *rules = xml_rules_build(pool, &asycuda_sad_profile);
	while (fgets(line, sizeof(line), in)) {
		const struct xml_rule *rule = rules;
		char *rest = NULL;
		line[strcspn(line, "\t\n")] = '\0';
		char *name = line[0] == '/' ? strtok_r(line, "/", &rest) : NULL;
		n += name ? 1 : 0;
		while (rule && name && (name = strtok_r(NULL, "/", &rest)) != NULL) {
			rule = strcmp(name, "null") == 0 ? rule : xml_rules_find(rule, name);
			ck_assert_msg(rule, "line %zu: %s is not known", n, name);
		}
	}
	ck_assert_uint_gt(n, 400);
	fclose(in);
	pool_free(pool);
}
END_TEST

START_TEST(real_files_have_the_order_of_the_table)
{
	char pattern[4096];
	glob_t found;
	if (!samples()) {
		return;
	}
	snprintf(pattern, sizeof(pattern), "%s/asycuda/*/*.xml", samples());
	ck_assert_int_eq(glob(pattern, 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *problem =
			check_document(xmlReadFile(found.gl_pathv[i], NULL, XML_PARSE_NONET));
		ck_assert_msg(!problem, "%s: %s", found.gl_pathv[i], problem);
	}
	globfree(&found);
}
END_TEST

static const char head[] = "<ASYCUDA><Valuation/><Container/><Container/><Prev_decl/>";

START_TEST(containers_stand_before_items)
{
	char text[512];
	snprintf(text, sizeof(text), "%s<Item/><Item/><Supplier_documents/></ASYCUDA>", head);
	ck_assert_ptr_null(check_text(text));
	ck_assert_str_eq(check_text("<ASYCUDA><Valuation/><Item/><Container/></ASYCUDA>"), late);
}
END_TEST

START_TEST(another_order_is_found)
{
	ck_assert_str_eq(check_text("<ASYCUDA><Identification/><Property/></ASYCUDA>"), late);
}
END_TEST

START_TEST(an_unknown_element_is_found)
{
	ck_assert_str_eq(check_text("<ASYCUDA><Property><Nobody/></Property></ASYCUDA>"), unknown);
}
END_TEST

CHECK_MAIN("observed", every_path_seen_in_real_files_is_known,
	real_files_have_the_order_of_the_table, containers_stand_before_items,
	another_order_is_found, an_unknown_element_is_found)
