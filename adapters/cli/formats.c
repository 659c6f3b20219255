/*
 * rivergate formats: what is installed here
 *
 * Threads: one.
 */
#include <jansson.h>
#include <stdio.h>

#include "cli/arguments.h"
#include "cli/verb.h"
#include "host/plugin.h"

static const struct argument_row rows[] = {{.name = NULL}};

static const struct argument_form form = {
	.verb = "formats",
	.about = "Lists the formats installed here, with the country of each and what is "
		 "unverified\n"
		 "in it. Plug-ins are looked for in $RIVERGATE_PLUGINS, else beside the program, "
		 "else\n"
		 "where they were installed.",
	.example = "rivergate formats --json",
	.rows = rows,
};

static void print_row(const struct plugin_format *format)
{
	const char *unverified = format->format->unverified;
	printf("%-14s %-8s %-3s %-22s %s\n", format->format->name, format->format->version,
		format->adapter->cc[0] ? format->adapter->cc : "-", format->adapter->name,
		unverified ? unverified : "");
}

static int print_json(const struct plugin_format *formats, size_t n)
{
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++) {
		const struct rg_format *format = formats[i].format;
		const struct rg_adapter *adapter = formats[i].adapter;
		json_array_append_new(list,
			json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s?}", "name", format->name,
				"version", format->version, "mediaType", format->media_type, "cc",
				adapter->cc, "country", adapter->name, "authority",
				adapter->authority, "unverified", format->unverified));
	}
	int answer = json_dumpf(list, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(list);
	return answer == 0 ? VERB_DONE : VERB_COULD_NOT;
}

int verb_formats(int argc, char **argv)
{
	struct arguments arguments;
	int answer = arguments_read(&form, argc, argv, NULL, &arguments);
	if (answer != ARGUMENTS_RUN) {
		return answer;
	}
	scoped(plugin_set_closep) struct plugin_set *set = NULL;
	rg_err err = plugin_set_open(&set);
	if (err) {
		arguments_complain(&form, "%s", rg_strerror(err));
		return VERB_COULD_NOT;
	}
	size_t n = 0;
	const struct plugin_format *formats = plugin_set_formats(set, &n);
	if (arguments.wants_json) {
		return print_json(formats, n);
	}
	printf("%-14s %-8s %-3s %-22s %s\n", "FORMAT", "VERSION", "CC", "COUNTRY", "UNVERIFIED");
	for (size_t i = 0; i < n; i++) {
		print_row(&formats[i]);
	}
	return VERB_DONE;
}
