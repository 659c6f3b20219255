/*
 * Configuration files fill a struct by its table; what the table does not know or
 * allow is refused with file and line.
 */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/file.h"
#include "suite.h"

struct port {
	char *name;
	int64_t number;
	struct conf_texts tags;
};

struct settings {
	char *name;
	char *keys;
	int64_t limit;
	bool is_open;
	struct conf_texts members;
	struct conf_list ports;
};

static const struct conf_row port_rows[] = {
	{.name = "name",
		.type = CONF_TEXT,
		.offset = offsetof(struct port, name),
		.is_required = true,
		.help = "Name of the port."},
	{.name = "number",
		.type = CONF_NUMBER,
		.offset = offsetof(struct port, number),
		.min = 1,
		.max = 65535,
		.fallback = "5670",
		.help = "TCP port."},
	{.name = "tags",
		.type = CONF_TEXTS,
		.offset = offsetof(struct port, tags),
		.help = "Tags."},
	{0},
};

static const struct conf_row rows[] = {
	{.name = "name",
		.type = CONF_TEXT,
		.offset = offsetof(struct settings, name),
		.is_required = true,
		.help = "Address of the router."},
	{.name = "keys",
		.type = CONF_PATH,
		.offset = offsetof(struct settings, keys),
		.fallback = "keys",
		.help = "Folder of the keys."},
	{.name = "limit",
		.type = CONF_NUMBER,
		.offset = offsetof(struct settings, limit),
		.min = -5,
		.max = INT64_C(10000000000),
		.fallback = "100",
		.help = "Bytes."},
	{.name = "open",
		.type = CONF_BOOL,
		.offset = offsetof(struct settings, is_open),
		.fallback = "true",
		.help = "Whether it is open."},
	{.name = "members",
		.type = CONF_TEXTS,
		.offset = offsetof(struct settings, members),
		.fallback = "la,th",
		.help = "Members."},
	{.name = "ports",
		.type = CONF_LIST,
		.offset = offsetof(struct settings, ports),
		.rows = port_rows,
		.item_size = sizeof(struct port),
		.help = "Ports."},
	{0},
};

static char folder[64];
static char path[128];

static void settings_close(struct settings *settings)
{
	conf_release(rows, settings);
}

/* Reads the text as a file of its own; what it says goes to ret_said (512 bytes). */
static rg_err read_text(const char *text, struct settings *settings, char *ret_said)
{
	FILE *said = tmpfile();
	int saved = dup(STDERR_FILENO);

	ck_assert_ptr_nonnull(said);
	(void)snprintf(folder, sizeof(folder), "/tmp/rg-test-conf-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/x.conf", folder);
	ck_assert_int_eq(file_replace(path, bytes_of_text(text), 0600), RG_OK);
	ck_assert_int_ge(dup2(fileno(said), STDERR_FILENO), 0);
	rg_err err = conf_read(path, rows, settings);

	ck_assert_int_ge(dup2(saved, STDERR_FILENO), 0);
	(void)close(saved);
	rewind(said);
	ret_said[fread(ret_said, 1, 511, said)] = '\0';
	(void)fclose(said);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(folder), 0);
	return err;
}

START_TEST(stated_settings_are_taken)
{
	scoped(settings_close) struct settings settings = {0};
	char said[512];

	ck_assert_int_eq(read_text("# a comment\nname = \"r.main\";\nkeys = \"/etc/keys\";\n"
				   "limit = 10000000000L;\nopen = false;\nmembers = [\"kh\"];\n"
				   "ports = ( { name = \"a\"; tags = [ \"x\", \"y\" ]; },\n"
				   "          { name = \"b\"; number = 7; } );\n",
				 &settings, said),
		RG_OK);
	ck_assert_str_eq(said, "");
	ck_assert_str_eq(settings.name, "r.main");
	ck_assert_str_eq(settings.keys, "/etc/keys");
	ck_assert_int_eq(settings.limit, INT64_C(10000000000));
	ck_assert(!settings.is_open);
	ck_assert_uint_eq(settings.members.n_items, 1);
	ck_assert_str_eq(settings.members.items[0], "kh");
	ck_assert_uint_eq(settings.ports.n_items, 2);
	struct port *ports = settings.ports.items;

	ck_assert_str_eq(ports[0].name, "a");
	ck_assert_int_eq(ports[0].number, 5670);
	ck_assert_uint_eq(ports[0].tags.n_items, 2);
	ck_assert_str_eq(ports[0].tags.items[1], "y");
	ck_assert_str_eq(ports[1].name, "b");
	ck_assert_int_eq(ports[1].number, 7);
}
END_TEST

START_TEST(absent_settings_have_their_defaults)
{
	scoped(settings_close) struct settings settings = {0};
	char said[512];
	char keys[128];

	ck_assert_int_eq(read_text("name = \"r\";", &settings, said), RG_OK);
	(void)snprintf(keys, sizeof(keys), "%s/keys", folder);
	ck_assert_str_eq(settings.keys, keys);
	ck_assert_int_eq(settings.limit, 100);
	ck_assert(settings.is_open);
	ck_assert_uint_eq(settings.members.n_items, 2);
	ck_assert_str_eq(settings.members.items[1], "th");
	ck_assert_uint_eq(settings.ports.n_items, 0);
}
END_TEST

START_TEST(wrong_files_are_refused_with_line_and_name)
{
	static const struct {
		const char *text, *line, *word;
	} cases[] = {
		{"name = \"r\";\nnmae = \"s\";\n", ":2:", "'nmae'"},
		{"name = \"r\";\n\nports = ( { name = \"a\";\n nmber = 1; } );\n",
			":4:", "'nmber'"},
		{"limit = 5;\n", ":", "'name' is missing"},
		{"name = \"r\";\nports = ( { number = 1; } );", ":2:", "'name' is missing"},
		{"name = 5;\n", ":1:", "'name' must be a text"},
		{"name = \"r\";\nlimit = \"5\";\n", ":2:", "'limit' must be a number"},
		{"name = \"r\";\nlimit = 1.5;\n", ":2:", "'limit' must be a number"},
		{"name = \"r\";\nlimit = -6;\n", ":2:", "-5 and 10000000000"},
		{"name = \"r\";\nlimit = 10000000001L;\n", ":2:", "'limit'"},
		{"name = \"r\";\nopen = 1;\n", ":2:", "true or false"},
		{"name = \"r\";\nmembers = \"la\";\n", ":2:", "'members'"},
		{"name = \"r\";\nmembers = [1, 2];\n", ":2:", "'members'"},
		{"name = \"r\";\nports = { name = \"a\"; };\n", ":2:", "'ports'"},
		{"name = \"r\";\nports = ( \"a\" );\n", ":2:", "'ports'"},
		{"name = \"r\";\nports = ( { name = \"a\"; number = 0; } );\n", ":2:", "'number'"},
		{"name = \"r\";\nname = \"s\";\n", ":2:", ""},
		{"name = \"r\n", ":", ""},
		{"= 5;", ":1:", ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct settings settings = {0};
		struct settings nothing = {0};
		char said[512];

		ck_assert_int_eq(read_text(cases[i].text, &settings, said), RG_E_CONFIG);
		ck_assert_msg(strncmp(said, path, strlen(path)) == 0, "%s", said);
		ck_assert_msg(strstr(said, cases[i].line) != NULL, "%s: %s", cases[i].text, said);
		ck_assert_msg(strstr(said, cases[i].word) != NULL, "%s: %s", cases[i].text, said);
		/* Numbers that were read before may stay; nothing that is owned does. */
		ck_assert_ptr_eq(settings.name, nothing.name);
		ck_assert_ptr_eq(settings.keys, nothing.keys);
		ck_assert_ptr_null(settings.members.items);
		ck_assert_ptr_null(settings.ports.items);
	}
}
END_TEST

START_TEST(missing_file_is_named)
{
	struct settings settings = {0};

	ck_assert_int_eq(conf_read("/nonexistent/x.conf", rows, &settings), RG_E_CONFIG);
}
END_TEST

START_TEST(help_names_type_range_default_and_purpose)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	conf_print_help(rows, out);
	(void)fclose(out);
	ck_assert_ptr_nonnull(strstr(text, "name (text, required)\n    Address of the router.\n"));
	ck_assert_ptr_nonnull(strstr(text, "limit (number, -5 to 10000000000, default 100)\n"));
	ck_assert_ptr_nonnull(strstr(text, "\n    number (number, 1 to 65535, default 5670)\n"));
	free(text);
}
END_TEST

CHECK_MAIN("base_conf", stated_settings_are_taken, absent_settings_have_their_defaults,
	wrong_files_are_refused_with_line_and_name, missing_file_is_named,
	help_names_type_range_default_and_purpose)
