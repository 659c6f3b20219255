/*
 * rivergate convert: one file from one format into another
 *
 * Method: everything is convert.h; this file reads, prints and explains.
 *
 * Threads: one.
 */
#include "host/convert.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cli/arguments.h"
#include "cli/verb.h"
#include "wire/json.h"

/* The site's own names of elements, and whose they are. */
struct naming {
	const struct plugin_format *format; /* NULL: no file was given */
	struct rg_bytes file;
};

struct options {
	const char *from;
	const char *to;
	const char *purpose;
	const char *names;
	bool explain;
	bool check;
	struct naming naming; /* from `names` */
};

static const struct argument_row rows[] = {
	{.name = "from",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, from),
		.value = "FORMAT",
		.help = "Format of the file; found out from its content when left out."},
	{.name = "to",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, to),
		.value = "FORMAT",
		.help = "Format to write; json when left out."},
	{.name = "purpose",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, purpose),
		.value = "PURPOSE",
		.help = "lodged-copy, advance or prefill: what the recipient does with it."},
	{.name = "names",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, names),
		.value = "[FORMAT=]FILE",
		.help = "How the site names the elements of a format (lines ours,site); of the "
			"format "
			"that --from names, else --to, when FORMAT is left out."},
	{.name = "explain",
		.type = ARGUMENT_FLAG,
		.offset = offsetof(struct options, explain),
		.help = "Print where each canonical leaf came from instead of the result."},
	{.name = "check",
		.type = ARGUMENT_FLAG,
		.offset = offsetof(struct options, check),
		.help = "Check the file by the rules of its format; nothing is translated."},
	{.name = NULL},
};

static const struct argument_form form = {
	.verb = "convert",
	.operands = "FILE|-",
	.min_operands = 1,
	.max_operands = 1,
	.about = "Translates a declaration or a certificate. The result goes to standard output; "
		 "findings and the "
		 "loss\n"
		 "report go to standard error, with --json as one JSON object {findings, "
		 "translation}.\n"
		 "With --explain a table takes the place of the result; --explain --json prints it "
		 "as a\n"
		 "list of {path, value, native, rule, type}: the canonical leaf, its value, the "
		 "native\n"
		 "elements that a change of it would change, how its text is read, and its type.\n"
		 "With --check every finding is told and nothing written; notes do not refuse.\n"
		 "FORMAT is a name that `rivergate formats` lists, or CC/NAME; json is the "
		 "canonical\n"
		 "document. Exit: 0 done, 1 the file is refused, 2 usage, 3 could not.",
	.example =
		"rivergate convert --from la/asycuda-sad --to cn-dec --purpose prefill export.xml",
	.rows = rows,
};

/* Reading */

/* Reads at most one block beyond the limit, so that a larger file is seen to be one. */
static rg_err read_all(FILE *in, struct buf *out)
{
	const size_t step = 1 << 16;
	while (!feof(in) && !ferror(in) && out->len <= CONVERT_MAX_INPUT) {
		uint8_t *place = buf_reserve(out, step);
		if (!place) {
			return RG_E_NOMEM;
		}
		out->len += fread(place, 1, step, in);
	}
	return ferror(in) ? RG_E_IO : RG_OK;
}

static bool read_file(const char *path, struct buf *out)
{
	bool is_stdin = strcmp(path, "-") == 0;
	errno = 0;
	FILE *in = is_stdin ? stdin : fopen(path, "rb");
	rg_err err = in ? read_all(in, out) : RG_E_IO;
	if (err) {
		arguments_complain(&form, "cannot read %s: %s", path,
			errno == ENOENT ? "there is no such file" : rg_strerror(err));
	}
	if (in && !is_stdin) {
		fclose(in);
	}
	return !err;
}

/* Findings and losses */

static void print_finding(const char *file, const struct rg_finding *finding)
{
	fprintf(stderr, "%s", file);
	if (finding->line > 0) {
		fprintf(stderr, ":%u:%u", finding->line, finding->column);
	}
	fprintf(stderr, ": %s %s: %s%s%s\n",
		finding->severity == RG_FINDING_ERROR ? "refused" : "note", finding->rule,
		finding->path, finding->path[0] ? ": " : "", finding->text);
}

static void print_class(const Rivergate__V1__Translation *translation,
	Rivergate__V1__LossClass class, const char *title)
{
	size_t n = 0;
	for (size_t i = 0; i < translation->n_losses; i++) {
		const Rivergate__V1__Loss *loss = translation->losses[i];
		if (loss->class_ != class) {
			continue;
		}
		if (n++ == 0) {
			fprintf(stderr, "%s\n", title);
		}
		fprintf(stderr, "  %s = \"%s\"\n",
			loss->path[0] ? loss->path : "(no canonical field)", loss->value);
		for (size_t j = 0; j < loss->n_native; j++) {
			fprintf(stderr, "      from %s\n", loss->native[j]);
		}
		fprintf(stderr, "      %s\n", loss->reason);
	}
}

static void print_unverified(const char *format, const char *unverified)
{
	if (unverified[0]) {
		fprintf(stderr, "Unverified in %s: %s\n", format, unverified);
	}
}

static void print_losses(const Rivergate__V1__Translation *translation)
{
	print_class(translation, RIVERGATE__V1__LOSS_CLASS__LOSS_CLASS_NOT_TRANSFERABLE,
		"Not transferable (the law of the country that stated it):");
	print_class(translation, RIVERGATE__V1__LOSS_CLASS__LOSS_CLASS_LOST,
		"Lost (the target has no place for it):");
	print_class(translation, RIVERGATE__V1__LOSS_CLASS__LOSS_CLASS_EXTENSION,
		"Kept as extensions of the source format:");
	print_unverified(translation->source_format, translation->source_unverified);
	print_unverified(translation->target_format, translation->target_unverified);
	fprintf(stderr, "%u of %u canonical leaves carried by %s -> %s\n", translation->carried,
		translation->leaves, translation->source_format,
		translation->target_format[0] ? translation->target_format : "-");
}

static json_t *findings_json(const struct conversion *conversion)
{
	json_t *list = json_array();
	for (size_t i = 0; i < convert_n_findings(conversion); i++) {
		const struct rg_finding *finding = convert_finding(conversion, i);
		json_array_append_new(list,
			json_pack("{s:s, s:s, s:s, s:i, s:i, s:s}", "severity",
				finding->severity == RG_FINDING_ERROR ? "ERROR" : "NOTE", "rule",
				finding->rule, "path", finding->path, "line", (int)finding->line,
				"column", (int)finding->column, "text", finding->text));
	}
	return list;
}

static void print_report_json(const struct conversion *conversion)
{
	scoped(freep) char *text = NULL;
	rg_err err = json_encode(&convert_translation(conversion)->base, 0, &text);
	json_t *translation = err ? json_null() : json_loads(text, 0, NULL);
	json_t *report = json_pack("{s:o, s:o}", "findings", findings_json(conversion),
		"translation", translation);
	json_dumpf(report, stderr, JSON_INDENT(2));
	fputc('\n', stderr);
	json_decref(report);
}

static void print_report(const struct conversion *conversion, const char *file, bool wants_json)
{
	if (wants_json) {
		print_report_json(conversion);
		return;
	}
	for (size_t i = 0; i < convert_n_findings(conversion); i++) {
		print_finding(file, convert_finding(conversion, i));
	}
	if (!convert_is_refused(conversion)) {
		print_losses(convert_translation(conversion));
	}
}

/* Explaining */

static const char *type_name(const struct doc_leaf *leaf, const char *rule)
{
	if (leaf->field->type == PROTOBUF_C_TYPE_ENUM) {
		return "enum";
	}
	if (leaf->field->type == PROTOBUF_C_TYPE_BOOL) {
		return "boolean";
	}
	if (leaf->field->type != PROTOBUF_C_TYPE_STRING) {
		return "integer";
	}
	return strcmp(rule, "date") == 0 || strcmp(rule, "code") == 0 ? rule : "text";
}

static void explain_text(const struct doc_source *source, const struct doc_leaf *leaf)
{
	printf("%s = \"%.*s\"   (%s)\n", source->path, (int)leaf->value.len,
		(const char *)leaf->value.data, source->rule);
	for (size_t i = 0; i < source->n_natives; i++) {
		printf("    %s\n", source->natives[i]);
	}
}

/* The values an enum may take, so that a reader knows what another valid one is. */
static json_t *enum_values(const struct doc_leaf *leaf)
{
	const ProtobufCEnumDescriptor *desc = leaf->field->descriptor;
	json_t *list = json_array();
	for (unsigned i = 0; i < desc->n_values; i++) {
		json_array_append_new(list, json_string(desc->values[i].name));
	}
	return list;
}

static void explain_json(const struct doc_source *source, const struct doc_leaf *leaf, json_t *list)
{
	json_t *natives = json_array();
	for (size_t i = 0; i < source->n_natives; i++) {
		json_array_append_new(natives, json_string(source->natives[i]));
	}
	json_t *row = json_pack("{s:s, s:s%, s:o, s:s, s:s}", "path", source->path, "value",
		(const char *)leaf->value.data, leaf->value.len, "native", natives, "rule",
		source->rule, "type", type_name(leaf, source->rule));
	if (leaf->field->type == PROTOBUF_C_TYPE_ENUM) {
		json_object_set_new(row, "values", enum_values(leaf));
	}
	json_array_append_new(list, row);
}

static rg_err explain_document(struct doc *doc, json_t *list)
{
	size_t n = 0;
	const struct doc_source *sources = doc_sources(doc, &n);
	rg_err err = RG_OK;
	for (size_t i = 0; !err && i < n; i++) {
		char scratch[32];
		struct doc_leaf leaf;
		err = doc_peek(doc, sources[i].path, &leaf, scratch);
		if (err || !leaf.value.data) {
			continue;
		}
		if (list) {
			explain_json(&sources[i], &leaf, list);
		} else {
			explain_text(&sources[i], &leaf);
		}
	}
	return err;
}

static rg_err explain(struct conversion *conversion, bool wants_json)
{
	json_t *list = wants_json ? json_array() : NULL;
	rg_err err = RG_OK;
	for (size_t i = 0; !err && i < convert_n_documents(conversion); i++) {
		err = explain_document(convert_document(conversion, i), list);
	}
	if (list) {
		json_dumpf(list, stdout, JSON_INDENT(1));
		putchar('\n');
		json_decref(list);
	}
	return err;
}

/* The verb */

static bool read_purpose(const char *name, enum rg_purpose *ret_purpose)
{
	static const char *const names[] = {"", "lodged-copy", "advance", "prefill"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], name) == 0) {
			*ret_purpose = (enum rg_purpose)i;
			return true;
		}
	}
	return false;
}

static int finish(struct conversion *conversion, const struct options *options,
	const struct arguments *arguments)
{
	print_report(conversion, arguments->operands[0], arguments->wants_json);
	if (convert_is_refused(conversion)) {
		return VERB_ANSWERED_NO;
	}
	if (options->explain) {
		rg_err err = explain(conversion, arguments->wants_json);
		return err ? VERB_COULD_NOT : VERB_DONE;
	}
	for (size_t i = 0; i < convert_n_outputs(conversion); i++) {
		struct rg_bytes output = convert_output(conversion, i);
		fwrite(output.data, 1, output.len, stdout);
	}
	return fflush(stdout) == 0 ? VERB_DONE : VERB_COULD_NOT;
}

/* A bare name of the target is the document's own country's, where that has the format. */
static const struct plugin_format *find_target(struct plugin_set *set,
	struct conversion *conversion, const struct options *options)
{
	char country[3] = "";
	if (convert_n_documents(conversion) > 0) {
		char scratch[32];
		struct doc_leaf leaf;
		bool has_code = doc_peek(convert_document(conversion, 0), "country", &leaf,
					scratch) == RG_OK;
		for (size_t i = 0; has_code && i < 2 && i < leaf.value.len; i++) {
			country[i] = (char)tolower(leaf.value.data[i]);
		}
	}
	plugin_set_prefer(set, country);
	return plugin_set_find(set, options->to);
}

/* A new conversion that knows the site's names. */
static rg_err begin(const struct naming *naming, struct conversion **ret_conversion)
{
	rg_err err = convert_new(ret_conversion);
	if (!err && naming->format) {
		convert_set_names(*ret_conversion, naming->format, naming->file);
	}
	return err;
}

static int convert(struct plugin_set *set, const struct plugin_format *from, struct rg_bytes input,
	enum rg_purpose purpose, const struct options *options, const struct arguments *arguments)
{
	scoped(convert_freep) struct conversion *conversion = NULL;
	rg_err err = begin(&options->naming, &conversion);
	if (!err) {
		err = convert_decode(conversion, from, input);
	}
	if (!err && !convert_is_refused(conversion)) {
		err = convert_encode(conversion, find_target(set, conversion, options), purpose);
	}
	if (err) {
		arguments_complain(&form, "%s: %s", arguments->operands[0], rg_strerror(err));
		return VERB_COULD_NOT;
	}
	return finish(conversion, options, arguments);
}

static int check(const struct plugin_format *format, struct rg_bytes input,
	const struct naming *naming, const struct arguments *arguments)
{
	scoped(convert_freep) struct conversion *conversion = NULL;
	const char *file = arguments->operands[0];
	rg_err err = begin(naming, &conversion);
	if (!err) {
		err = convert_validate(conversion, format, input);
	}
	if (err) {
		arguments_complain(&form, "%s: %s", file, rg_strerror(err));
		return VERB_COULD_NOT;
	}
	if (arguments->wants_json) {
		print_report_json(conversion);
	}
	for (size_t i = 0; !arguments->wants_json && i < convert_n_findings(conversion); i++) {
		print_finding(file, convert_finding(conversion, i));
	}
	if (!arguments->wants_json) {
		fprintf(stderr, "%s: %zu findings by the rules of %s%s%s %s\n", file,
			convert_n_findings(conversion), format->adapter->cc,
			format->adapter->cc[0] ? "/" : "", format->format->name,
			format->format->version);
	}
	return convert_is_refused(conversion) ? VERB_ANSWERED_NO : VERB_DONE;
}

static bool has_target(const struct plugin_set *set, const char *name)
{
	if (plugin_set_find(set, name)) {
		return true;
	}
	arguments_complain(&form, "no format '%s' is installed; rivergate formats lists them",
		name);
	return false;
}

/* A bare name that several countries use is read as the first one's, and said so to people. */
static const struct plugin_format *find_format(const struct plugin_set *set, const char *name,
	const struct arguments *arguments)
{
	const struct plugin_format *format = plugin_set_find(set, name);
	if (!format) {
		arguments_complain(&form,
			"no format '%s' is installed; rivergate formats lists them", name);
	} else if (plugin_set_count(set, name) > 1 && !arguments->wants_json) {
		fprintf(stderr,
			"rivergate convert: %s is read as %s/%s; say which country's it is\n", name,
			format->adapter->cc, name);
	}
	return format;
}

/* Reads and checks the file of names; VERB_DONE, or the exit status and what was said. */
static int read_names(const struct plugin_set *set, const struct options *options, struct buf *file,
	struct naming *naming)
{
	char name[64];
	scoped(convert_freep) struct conversion *conversion = NULL;
	const char *equals = strchr(options->names, '=');
	const char *path = equals ? equals + 1 : options->names;
	const char *format =
		options->from && strcmp(options->from, "json") != 0 ? options->from : options->to;
	snprintf(name, sizeof(name), "%.*s", equals ? (int)(equals - options->names) : 0,
		options->names);
	naming->format = plugin_set_find(set, equals ? name : format);
	if (!naming->format || !naming->format->format->check_names) {
		arguments_complain(&form,
			"--names: there is no format '%s' whose names a site replaces",
			equals ? name : format);
		return VERB_USAGE;
	}
	if (!read_file(path, file)) {
		return VERB_COULD_NOT;
	}
	naming->file = buf_view(file);
	rg_err err = begin(naming, &conversion);
	err = err ? err : convert_check_names(conversion, naming->format);
	if (err) {
		arguments_complain(&form, "%s: %s", path, rg_strerror(err));
		return VERB_COULD_NOT;
	}
	for (size_t i = 0; i < convert_n_findings(conversion); i++) {
		print_finding(path, convert_finding(conversion, i));
	}
	return convert_is_refused(conversion) ? VERB_USAGE : VERB_DONE;
}

/* The format that claims the file, under the site's names where there are some. */
static const struct plugin_format *recognise(const struct plugin_set *set,
	const struct naming *naming, struct rg_bytes file)
{
	struct rg_bytes head = {file.data, file.len < 4096 ? file.len : 4096};
	const struct rg_format *format = naming->format ? naming->format->format : NULL;
	bool is_named = format && format->detect_named &&
		format->detect_named(format, head, naming->file) > 0;
	return is_named ? naming->format : plugin_set_detect(set, file);
}

static int run(struct plugin_set *set, struct options *options, const struct arguments *arguments,
	enum rg_purpose purpose)
{
	const struct plugin_format *from = NULL;
	scoped(buf_deinit) struct buf file = {.data = NULL};
	scoped(buf_deinit) struct buf names = {.data = NULL};
	if (options->from) {
		from = find_format(set, options->from, arguments);
	}
	if ((options->from && !from) || !has_target(set, options->to)) {
		return VERB_USAGE;
	}
	int answer =
		options->names ? read_names(set, options, &names, &options->naming) : VERB_DONE;
	if (answer != VERB_DONE) {
		return answer;
	}
	if (!read_file(arguments->operands[0], &file)) {
		return VERB_COULD_NOT;
	}
	if (!from) {
		from = recognise(set, &options->naming, buf_view(&file));
	}
	if (!from) {
		arguments_complain(&form, "no installed format recognises %s; name it with --from",
			arguments->operands[0]);
		return VERB_ANSWERED_NO;
	}
	return options->check ? check(from, buf_view(&file), &options->naming, arguments)
			      : convert(set, from, buf_view(&file), purpose, options, arguments);
}

int verb_convert(int argc, char **argv)
{
	struct options options = {.to = "json", .purpose = ""};
	struct arguments arguments;
	enum rg_purpose purpose = RG_PURPOSE_UNSPECIFIED;
	int answer = arguments_read(&form, argc, argv, &options, &arguments);
	if (answer != ARGUMENTS_RUN) {
		return answer;
	}
	if (!read_purpose(options.purpose, &purpose)) {
		arguments_complain(&form, "--purpose is lodged-copy, advance or prefill");
		return VERB_USAGE;
	}
	scoped(plugin_set_closep) struct plugin_set *set = NULL;
	rg_err err = plugin_set_open(&set);
	if (err) {
		arguments_complain(&form, "%s", rg_strerror(err));
		return VERB_COULD_NOT;
	}
	return run(set, &options, &arguments, purpose);
}
