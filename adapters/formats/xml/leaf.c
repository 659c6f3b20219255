/*
 * One element and the canonical leaves behind it
 *
 * Threads: no state.
 */
#include <string.h>

#include "formats/xml/codec.h"

rg_err xml_leaf_path(const struct xml_leaf *leaf, const char *suffix, const char **ret_path)
{
	*ret_path = pool_printf(leaf->work->pool, "%s%s", leaf->path, suffix);
	return *ret_path ? RG_OK : RG_E_NOMEM;
}

/* Reads a leaf; *ret_text is NULL where it is absent. */
rg_err xml_leaf_get(const struct xml_leaf *leaf, const char *suffix, const char **ret_text)
{
	const char *path = NULL;
	struct rg_bytes value = {NULL, 0};
	*ret_text = NULL;
	rg_err err = xml_leaf_path(leaf, suffix, &path);
	if (!err) {
		err = rg_doc_get(leaf->work->doc, path, &value);
	}
	if (!err && value.data) {
		*ret_text = pool_copy(leaf->work->pool, (const char *)value.data, value.len);
		err = *ret_text ? RG_OK : RG_E_NOMEM;
	}
	return err;
}

/* Writes a leaf unless another element has written it already. */
rg_err xml_leaf_set(const struct xml_leaf *leaf, const char *suffix, const char *text, size_t len,
	bool *ret_taken)
{
	const char *path = NULL;
	const char *before = NULL;
	struct rg_source source = {&leaf->native, 1, leaf->row->codec->type};
	*ret_taken = false;
	rg_err err = xml_leaf_get(leaf, suffix, &before);
	if (!err && !before) {
		err = xml_leaf_path(leaf, suffix, &path);
	}
	if (err || before) {
		return err;
	}
	return rg_doc_set(leaf->work->doc, path, (struct rg_bytes){(const uint8_t *)text, len},
		&source, ret_taken);
}

/* A canonical value that this format cannot write: the translation is refused. */
rg_err xml_leaf_refuse(const struct xml_leaf *leaf, const char *suffix, const char *text)
{
	const char *path = NULL;
	rg_err err = xml_leaf_path(leaf, suffix, &path);
	struct rg_finding finding = {RG_FINDING_ERROR, "VALUE", path, 0, 0, text};
	return err ? err : rg_call_finding(leaf->work->call, &finding);
}

/* Narrows a text to what stands between white space. */
const char *xml_trim(const char *text, size_t *ret_len)
{
	text += strspn(text, " \t\r\n");
	size_t len = strlen(text);
	while (len > 0 && strchr(" \t\r\n", text[len - 1])) {
		len--;
	}
	*ret_len = len;
	return text;
}
