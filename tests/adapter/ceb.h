#ifndef TESTS_ADAPTER_CEB_H
#define TESTS_ADAPTER_CEB_H

/* What the tests of the e-commerce messages share. */

#include "native.h"
#include "wire/doc.h"

#define PACKED_MAX ((size_t)1 << 22)

#define REQUEST "cn/cn-ceb"
#define RECEIPT "cn/cn-ceb-receipt"

/* Of this process: every test has one of its own. */
static inline const struct plugin_set *plugins(void)
{
	static struct plugin_set *set;
	set = set ? set : open_plugins();
	return set;
}

struct check {
	const char *format;
	const char *path;
	struct rg_bytes native;
};

/* Documents */

static inline struct conversion *decode(const struct check *check)
{
	struct conversion *conversion = decode_native(plugins(), check->format, check->native);
	ck_assert_msg(!convert_is_refused(conversion), "%s: %s", check->path,
		convert_n_findings(conversion) ? convert_finding(conversion, 0)->text : "");
	return conversion;
}

static inline void add(struct conversion *conversion, const Rivergate__V1__Declaration *declaration)
{
	uint8_t *packed = malloc(PACKED_MAX);
	ck_assert_ptr_nonnull(packed);
	ck_assert_uint_le(rivergate__v1__declaration__get_packed_size(declaration), PACKED_MAX);
	size_t len = rivergate__v1__declaration__pack(declaration, packed);
	ck_assert_int_eq(convert_add_declaration(conversion, (struct rg_bytes){packed, len}),
		RG_OK);
	free(packed);
}

static inline Rivergate__V1__Declaration *declaration_at(struct conversion *conversion, size_t i)
{
	return (Rivergate__V1__Declaration *)(uintptr_t)doc_declaration(
		convert_document(conversion, i));
}

static inline void set_leaf(struct doc *doc, const char *path, const char *value)
{
	bool is_taken = false;
	struct rg_bytes bytes = {(const uint8_t *)value, strlen(value)};
	ck_assert_int_eq(rg_doc_set(doc_view(doc), path, bytes, NULL, &is_taken), RG_OK);
	ck_assert(is_taken);
}

#endif
