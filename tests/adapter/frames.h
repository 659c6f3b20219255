#ifndef TESTS_ADAPTER_FRAMES_H
#define TESTS_ADAPTER_FRAMES_H

/*
 * Messages of the NACCS family as the tests see them: header fields by their offsets,
 * items by the order of the format's table, each by its native path.
 */

#include "formats/naccs/frame.h"
#include "native.h"
#include "wire/doc.h"

#define SECRETS   29 /* user and password */
#define N_SECRETS 16

struct family {
	const char *format; /* cc/name */
	const struct naccs_profile *profile;
};

/* The same bytes with the credentials of each header blank. */
static inline void without_secrets(struct rg_bytes native, struct buf *out)
{
	buf_add_bytes(out, native);
	size_t at = 0;
	while (at + NACCS_HEADER <= native.len) {
		char length[7] = {0};
		memset(out->data + at + SECRETS, ' ', N_SECRETS);
		memcpy(length, native.data + at + NACCS_HEADER - 8, 6);
		at += strtoul(length, NULL, 10);
	}
}

static inline void add_item_leaf(struct leaves *leaves, const char *path, const uint8_t *text,
	size_t len)
{
	while (len > 0 && *text == ' ') {
		text++;
		len--;
	}
	while (len > 0 && text[len - 1] == ' ') {
		len--;
	}
	if (len == 0) {
		return;
	}
	leaves->items = realloc(leaves->items, (leaves->n_items + 1) * sizeof(*leaves->items));
	ck_assert_ptr_nonnull(leaves->items);
	leaves->items[leaves->n_items++] =
		(struct leaf){strdup(path), strndup((const char *)text, len)};
}

/* The table of the message that a frame is. */
static inline const struct naccs_layout *layout_of(const struct family *family,
	struct rg_bytes native)
{
	char job[6] = {0};
	char code[8] = {0};
	memcpy(job, native.data + 3, 5);
	memcpy(code, native.data + 8, 7);
	job[strcspn(job, " ")] = '\0';
	code[strcspn(code, " ")] = '\0';
	return naccs_message_of(family->profile, code[0] ? code : job, code[0] != '\0')->layout;
}

/* Fields and items that are not empty, by native path. The first message of a file only. */
static inline struct leaves items_of(const struct family *family, struct rg_bytes native)
{
	struct leaves leaves = {NULL, 0};
	struct pool *pool = pool_new(NACCS_POOL_LIMIT);
	struct naccs_place *places = NULL;
	const struct naccs_layout *layout = layout_of(family, native);
	char path[64];
	for (size_t i = 0; i < naccs_n_fields; i++) {
		const struct naccs_field *field = &naccs_fields[i];
		bool is_again = i > 0 && strcmp(field->id, naccs_fields[i - 1].id) == 0;
		snprintf(path, sizeof(path), "/header/%s", field->id);
		if (!(field->flags & NACCS_SECRET) && !is_again) {
			add_item_leaf(&leaves, path, native.data + field->offset, field->bytes);
		}
	}
	size_t n_lines = layout->max_lines;
	ck_assert_int_eq(naccs_places(pool, layout, 0, n_lines, 100, &places), RG_OK);
	size_t n = naccs_n_common(layout) + n_lines * naccs_n_goods(layout) + 100;
	const uint8_t *at = native.data + NACCS_HEADER;
	char length[7] = {0};
	memcpy(length, native.data + NACCS_HEADER - 8, 6);
	const uint8_t *end = native.data + strtoul(length, NULL, 10);
	for (size_t i = 0; i < n && at < end; i++) {
		const uint8_t *line_end = memmem(at, (size_t)(end - at), "\r\n", 2);
		ck_assert_ptr_nonnull(line_end);
		add_item_leaf(&leaves, places[i].native, at, (size_t)(line_end - at));
		at = line_end + 2;
	}
	qsort(leaves.items, leaves.n_items, sizeof(*leaves.items), by_path);
	pool_free(pool);
	return leaves;
}

static inline void set_leaf(struct doc *doc, const char *path, const char *text, size_t len)
{
	bool is_taken = false;
	struct rg_bytes value = {(const uint8_t *)text, len};
	ck_assert_int_eq(rg_doc_set(doc_view(doc), path, value, NULL, &is_taken), RG_OK);
	ck_assert_msg(is_taken, "%s", path);
}

/* The loss of this canonical or native path; NULL: none. */
static inline const Rivergate__V1__Loss *loss_of(const struct conversion *conversion,
	const char *native)
{
	const Rivergate__V1__Translation *translation = convert_translation(conversion);
	for (size_t i = 0; i < translation->n_losses; i++) {
		const Rivergate__V1__Loss *loss = translation->losses[i];
		if (strcmp(loss->path, native) == 0 ||
			(loss->n_native > 0 && strcmp(loss->native[0], native) == 0)) {
			return loss;
		}
	}
	return NULL;
}

/* A message with this job and body; user and password are filled in. */
static inline void make_frame(struct buf *out, const char *job, struct rg_bytes body)
{
	char header[NACCS_HEADER + 1];
	snprintf(header, sizeof(header), "SS %-5s%-21s%-8s%-8s%347s%06u\r\n", job, "", "USER0001",
		"SECRET99", "", (unsigned)(NACCS_HEADER + body.len));
	header[364] = '1';
	buf_add(out, header, NACCS_HEADER);
	buf_add_bytes(out, body);
	ck_assert_int_eq(buf_error(out), RG_OK);
}

#endif
