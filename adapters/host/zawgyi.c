/*
 * Burmese text that was typed for a Zawgyi font
 *
 * Method: the code points are gone through once with the one before and the one behind;
 * two numbers are kept, of signs that only Zawgyi and that only Unicode writes there.
 *
 * Threads: no state.
 */
#include "host/zawgyi.h"

#include <stddef.h>
#include <stdint.h>

#define VOWEL_E 0x1031
#define VIRAMA  0x1039
#define ASAT    0x103a
#define YA      0x103b /* medial; in Zawgyi medial ra */
#define HA      0x103e /* the last medial */

/* The code point at `at` of valid UTF-8, and its length. 0 and 1: not one of three bytes. */
static uint32_t read_point(struct rg_bytes text, size_t at, size_t *ret_len)
{
	const uint8_t *bytes = text.data + at;
	*ret_len = 1;
	if (text.len - at < 3 || (bytes[0] & 0xf0) != 0xe0) {
		return 0;
	}
	*ret_len = 3;
	return (uint32_t)(bytes[0] & 0x0f) << 12 | (uint32_t)(bytes[1] & 0x3f) << 6 |
		(bytes[2] & 0x3f);
}

/* Consonants and independent vowels, of Burmese and of the other languages of the block. */
static bool is_letter(uint32_t point)
{
	return (point >= 0x1000 && point <= 0x102a) || point == 0x103f || point == 0x104e ||
		(point >= 0x1050 && point <= 0x1055) || (point >= 0x105a && point <= 0x105d) ||
		point == 0x1061 || point == 0x1065 || point == 0x1066 ||
		(point >= 0x106e && point <= 0x1070) || (point >= 0x1075 && point <= 0x1081) ||
		point == 0x108e;
}

static bool is_medial(uint32_t point)
{
	return (point >= YA && point <= HA) || (point >= 0x105e && point <= 0x1060) ||
		point == 0x1082;
}

struct evidence {
	unsigned zawgyi, unicode;
};

static void weigh(struct evidence *evidence, uint32_t before, uint32_t point, uint32_t after)
{
	bool is_behind = is_letter(before) || is_medial(before);
	bool is_before_letter = is_letter(after);
	if (point == VOWEL_E) {
		evidence->zawgyi += is_behind ? 0 : 1;
		evidence->unicode += is_behind && !is_before_letter && after != YA ? 1 : 0;
	} else if (point == YA) {
		evidence->zawgyi += is_behind || before == ASAT ? 0 : 1;
	} else if (point == VIRAMA) {
		evidence->zawgyi += is_before_letter ? 0 : 1;
	} else if (point == ASAT) {
		evidence->unicode += is_behind && (after == VIRAMA || after == 0x1038) ? 1 : 0;
	}
}

bool zawgyi_is_likely(struct rg_bytes text)
{
	struct evidence evidence = {0, 0};
	uint32_t before = 0;
	size_t at = 0;
	while (at < text.len) {
		size_t len = 0;
		size_t next_len = 0;
		uint32_t point = read_point(text, at, &len);
		at += len;
		if (point >= 0x1000 && point <= 0x109f) {
			uint32_t after = at < text.len ? read_point(text, at, &next_len) : 0;
			weigh(&evidence, before, point, after);
		}
		before = point;
	}
	return evidence.zawgyi > evidence.unicode;
}

static rg_err note_leaf(void *context, const struct doc_leaf *leaf)
{
	struct rg_finding finding = {RG_FINDING_NOTE, "ZAWGYI", leaf->path, 0, 0,
		"the text reads as Burmese typed for a Zawgyi font, not as Unicode; it is carried "
		"as it stands: have it converted where it was typed"};
	bool is_text = leaf->field->type == PROTOBUF_C_TYPE_STRING;
	return is_text && zawgyi_is_likely(leaf->value) ? rg_call_finding(context, &finding)
							: RG_OK;
}

rg_err zawgyi_note(const struct doc *doc, struct rg_call *call)
{
	return doc_each_leaf(doc, note_leaf, call);
}
