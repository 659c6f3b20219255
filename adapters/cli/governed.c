/*
 * Editing governance files: see governed.h
 *
 * Threads: one.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/governed.h"
#include "cli/verb.h"
#include "wire/json.h"
#include "wire/pack.h"
#include "wire/scan.h"

#define ENUM_NAME_MAX 64

void governed_deinit(struct governed_file *file)
{
	for (size_t i = 0; i < file->n_extras; i++) {
		protobuf_c_message_free_unpacked(file->extras[i], NULL);
	}
	governance_freep(&file->governed);
	arena_freep(&file->arena);
}

int governed_fault(const struct governed_file *file, rg_err err)
{
	arguments_complain(file->form, "%s: %s", file->path, rg_strerror(err));
	return VERB_COULD_NOT;
}

int governed_refused(const struct governed_file *file, const struct governance_answer *answer)
{
	arguments_complain(file->form, "%s: %s%s%s", file->path, answer->path,
		*answer->path ? ": " : "", answer->text);
	return VERB_ANSWERED_NO;
}

/* --- Opening -------------------------------------------------------------------------------- */

int governed_open(struct governed_file *file)
{
	struct governance_answer answer;
	struct scan_answer scan;
	rg_err err = governance_read(file->path, &file->governed, &answer);

	if (err) {
		return governed_fault(file, err);
	}
	if (!file->governed) {
		governed_refused(file, &answer);
		return VERB_COULD_NOT;
	}
	file->arena = arena_new(0);
	if (!file->arena) {
		return governed_fault(file, RG_E_NOMEM);
	}
	struct rg_bytes content =
		bytes_of(file->governed->content.data, file->governed->content.len);
	err = scan_unpack(file->desc, content, file->arena, &scan, &file->content);
	if (err) {
		return governed_fault(file, err);
	}
	if (!file->content) {
		arguments_complain(file->form, "%s: the content is no %s: %s: %s", file->path,
			file->desc->short_name, scan.path, scan.rule);
		return VERB_ANSWERED_NO;
	}
	return ARGUMENTS_RUN;
}

int governed_create(struct governed_file *file)
{
	if (access(file->path, F_OK) == 0) {
		arguments_complain(file->form,
			"%s exists already; choose another name or move it away", file->path);
		return VERB_COULD_NOT;
	}
	file->arena = arena_new(0);
	file->content = file->arena ? arena_alloc(file->arena, file->desc->sizeof_message) : NULL;
	if (!file->content) {
		return governed_fault(file, RG_E_NOMEM);
	}
	protobuf_c_message_init(file->desc, file->content);
	return ARGUMENTS_RUN;
}

int governed_read_json(struct governed_file *file, const char *path,
	const ProtobufCMessageDescriptor *desc, ProtobufCMessage **ret_message)
{
	scoped(buf_deinit) struct buf text = {0};
	struct json_mistake mistake;
	bool is_found;
	rg_err err = file_read(path, GOVERNANCE_FILE_MAX, &text, &is_found);

	if (err || !is_found) {
		arguments_complain(file->form, "--from-json %s: %s", path,
			err ? rg_strerror(err) : "there is no such file");
		return VERB_COULD_NOT;
	}
	err = json_decode(desc, buf_view(&text), ret_message, &mistake);
	if (err) {
		return governed_fault(file, err);
	}
	if (!*ret_message) {
		arguments_complain(file->form, "--from-json %s:%u:%u: %s: %s", path, mistake.line,
			mistake.column, mistake.path, mistake.text);
		return VERB_ANSWERED_NO;
	}
	file->extras[file->n_extras++] = *ret_message;
	return ARGUMENTS_RUN;
}

/* --- Saving --------------------------------------------------------------------------------- */

int governed_save(struct governed_file *file, const struct governed_judge *judge)
{
	scoped(governance_freep) Rivergate__V1__Governed *next = NULL;
	scoped(buf_deinit) struct buf content = {0};
	struct governance_answer answer;
	rg_err err = pack_append(file->content, &content);

	if (!err) {
		err = judge->judge(buf_view(&content), &answer);
	}
	if (err) {
		return governed_fault(file, err);
	}
	if (!answer.is_ok) {
		return governed_refused(file, &answer);
	}
	err = governance_new(buf_view(&content), &next);
	if (!err) {
		err = governance_write(file->path, next);
	}
	if (err) {
		return governed_fault(file, err);
	}
	if (file->governed && file->governed->n_signatures > 0) {
		fprintf(stderr,
			"%s: %zu signatures were dropped, since the content has changed; sign "
			"again\n",
			file->path, file->governed->n_signatures);
	}
	return VERB_DONE;
}

int governed_sign(struct governed_file *file, const char *context, const char *member,
	const char *key_path)
{
	scoped(key_freep) struct key *key = NULL;
	rg_err err = key_load(key_path, &key);

	if (err) {
		arguments_complain(file->form, "--key %s: %s", key_path, rg_strerror(err));
		return VERB_COULD_NOT;
	}
	err = governance_sign(file->governed, context, member, key);
	if (!err) {
		err = governance_write(file->path, file->governed);
	}
	return err ? governed_fault(file, err) : VERB_DONE;
}

int governed_show(const struct governed_file *file)
{
	char *text = NULL;
	rg_err err = json_encode(file->content, JSON_LINES, &text);

	if (err) {
		return governed_fault(file, err);
	}
	fputs(text, stdout);
	free(text);
	return VERB_DONE;
}

/* --- Memory --------------------------------------------------------------------------------- */

void *governed_alloc(struct governed_file *file, size_t size)
{
	return arena_alloc(file->arena, size);
}

char *governed_text(struct governed_file *file, const char *text)
{
	size_t len = strlen(text) + 1;
	char *copy = governed_alloc(file, len);

	if (copy) {
		memcpy(copy, text, len);
	}
	return copy;
}

bool governed_data(struct governed_file *file, struct rg_bytes bytes, ProtobufCBinaryData *ret)
{
	ret->data = governed_alloc(file, bytes.len + 1);
	if (!ret->data) {
		return false;
	}
	if (bytes.len > 0) {
		memcpy(ret->data, bytes.data, bytes.len);
	}
	ret->len = bytes.len;
	return true;
}

bool governed_insert(struct governed_file *file, void *list, size_t *n_items, size_t at, void *item)
{
	void **copy = governed_alloc(file, (*n_items + 1) * sizeof(*copy));
	void **old;

	/* list points to a pointer to pointers of the caller's own type. */
	memcpy(&old, list, sizeof(old));
	if (!copy) {
		return false;
	}
	for (size_t i = 0; i < at; i++) {
		copy[i] = old[i];
	}
	copy[at] = item;
	for (size_t i = at; i < *n_items; i++) {
		copy[i + 1] = old[i];
	}
	memcpy(list, &copy, sizeof(copy));
	(*n_items)++;
	return true;
}

bool governed_texts(struct governed_file *file, const struct argument_texts *texts,
	char ***ret_list, size_t *ret_n)
{
	char **list = governed_alloc(file, (texts->n_items + 1) * sizeof(*list));

	for (size_t i = 0; list && i < texts->n_items; i++) {
		list[i] = governed_text(file, texts->items[i]);
		if (!list[i]) {
			return false;
		}
	}
	*ret_list = list;
	*ret_n = list ? texts->n_items : 0;
	return list;
}

/* --- Enumerations --------------------------------------------------------------------------- */

/* "KIND_" of rivergate.v1.Kind: the first value is …_UNSPECIFIED. */
static size_t prefix_len(const ProtobufCEnumDescriptor *desc)
{
	const char *first = protobuf_c_enum_descriptor_get_value(desc, 0)->name;
	const char *end = strstr(first, "UNSPECIFIED");

	return end ? (size_t)(end - first) : 0;
}

/* As names of values are written: upper case, underscores. */
static void to_value_name(const char *name, char upper[ENUM_NAME_MAX])
{
	size_t len = strnlen(name, ENUM_NAME_MAX - 1);

	for (size_t i = 0; i < len; i++) {
		bool is_lower = name[i] >= 'a' && name[i] <= 'z';

		upper[i] = is_lower ? (char)(name[i] - 'a' + 'A') : name[i];
		upper[i] = name[i] == '-' ? '_' : upper[i];
	}
	upper[len] = '\0';
}

/* NULL: no such value (…_UNSPECIFIED is none). */
static const ProtobufCEnumValue *find_value(const ProtobufCEnumDescriptor *desc, const char *name)
{
	char upper[ENUM_NAME_MAX];
	size_t skip = prefix_len(desc);

	to_value_name(name, upper);
	for (unsigned i = 0; i < desc->n_values; i++) {
		const ProtobufCEnumValue *value = &desc->values[i];
		bool is_named =
			strcmp(value->name, upper) == 0 || strcmp(value->name + skip, upper) == 0;

		if (is_named && value->value != 0) {
			return value;
		}
	}
	return NULL;
}

static void list_values(const ProtobufCEnumDescriptor *desc)
{
	size_t skip = prefix_len(desc);

	for (unsigned i = 0; i < desc->n_values; i++) {
		if (desc->values[i].value != 0) {
			fprintf(stderr, " %s", desc->values[i].name + skip);
		}
	}
	fputc('\n', stderr);
}

bool governed_enums(struct governed_file *file, const ProtobufCEnumDescriptor *desc,
	const struct argument_texts *texts, int **ret_list, size_t *ret_n)
{
	int *list = governed_alloc(file, (texts->n_items + 1) * sizeof(*list));

	for (size_t i = 0; list && i < texts->n_items; i++) {
		const ProtobufCEnumValue *value = find_value(desc, texts->items[i]);

		if (!value) {
			arguments_complain(file->form, "'%s' is no %s; these are:", texts->items[i],
				desc->short_name);
			list_values(desc);
			return false;
		}
		list[i] = value->value;
	}
	*ret_list = list;
	*ret_n = list ? texts->n_items : 0;
	return list;
}
