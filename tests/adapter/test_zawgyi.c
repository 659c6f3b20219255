/*
 * Burmese typed for a Zawgyi font is told; Burmese in Unicode, and the other languages
 * that write with the same block, are not.
 */
#include "host/zawgyi.h"

#include "native.h"
#include "suite.h"

/* Each is a word or words of trade as the font's users type them, code point by code point. */
static const char *const zawgyi[] = {
	"\u1031\u1000\u102c\u1004\u1039\u1038",             /* good */
	"\u103b\u1019\u1014\u1039\u1019\u102c",             /* Myanmar */
	"\u1011\u102f\u1010\u1039\u1000\u102f\u1014\u1039", /* product */
	"\u1031\u103b\u1019\u1015\u1032",                   /* groundnut */
	"\u1006\u1014\u1039 10 \u1010\u1014\u1039",         /* rice, 10 tons */
	"MANDALAY \u1031\u1008\u1038",                      /* market */
	"\u1015\u1032\u1019\u103a\u102d\u102f\u1038\u1005\u1036\u102f "
	"\u1031\u101b\u102c\u1004\u1039\u1038", /* pulses, sold */
};

static const char *const unicode[] = {
	"", "MANDALAY", "\u1000\u1031\u102c\u1004\u103a\u1038",   /* good */
	"\u1019\u103c\u1014\u103a\u1019\u102c",                   /* Myanmar */
	"\u1011\u102f\u1010\u103a\u1000\u102f\u1014\u103a",       /* product */
	"\u1019\u103c\u1031\u1015\u1032",                         /* groundnut */
	"\u1021\u1004\u103a\u1039\u1002\u101c\u102d\u1015\u103a", /* English: kinzi */
	"\u101a\u1031\u102c\u1000\u103a\u103b\u102c\u1038",       /* ya behind asat */
	"\u101e\u1005\u1039\u1005\u102c",                         /* a stack */
	"\u1000\u103b\u103d\u1014\u103a\u102f\u1015\u103a",       /* two medials */
	"\u1004\u103e\u1000\u103a\u1015\u103b\u1031\u102c\u101e\u102e\u1038 "
	"\u1019\u1014\u1039\u1010\u101c\u1031\u1038\u1019\u103c\u102d\u102f\u1037",
	"\u104e\u1004\u103a\u1038",       /* the same goods */
	"\u1075\u1030\u107a\u103a\u1088", /* Shan */
	"\u1010\u1031\u101d\u103a",       /* Mon */
	"\u1000\u1031\u1000\u1031",       /* e behind its letter, twice */
	"\u0eab\u0ea1\u0eb2\u0e81",       /* Lao */
	"\u1797\u17b6\u179f\u17b6",       /* Khmer */
};

static struct rg_bytes text_bytes(const char *text)
{
	return (struct rg_bytes){(const uint8_t *)text, strlen(text)};
}

START_TEST(text_of_a_zawgyi_font_is_found)
{
	for (size_t i = 0; i < sizeof(zawgyi) / sizeof(zawgyi[0]); i++) {
		ck_assert_msg(zawgyi_is_likely(text_bytes(zawgyi[i])), "%s", zawgyi[i]);
	}
}
END_TEST

START_TEST(text_in_unicode_is_not_found)
{
	for (size_t i = 0; i < sizeof(unicode) / sizeof(unicode[0]); i++) {
		ck_assert_msg(!zawgyi_is_likely(text_bytes(unicode[i])), "%s", unicode[i]);
	}
}
END_TEST

START_TEST(no_text_of_the_projects_own_files_is_found)
{
	static const char *const files[] = {"adapters/mm/testdata/export-beans.edi"};
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct buf file = {.data = NULL};
		read_own(files[i], &file);
		ck_assert_msg(!zawgyi_is_likely(buf_view(&file)), "%s", files[i]);
		buf_deinit(&file);
	}
}
END_TEST

static size_t count_notes(const struct conversion *conversion, const char *path)
{
	size_t n = 0;
	for (size_t i = 0; i < convert_n_findings(conversion); i++) {
		const struct rg_finding *finding = convert_finding(conversion, i);
		ck_assert_int_eq(finding->severity, RG_FINDING_NOTE);
		n += strcmp(finding->rule, "ZAWGYI") == 0 && strcmp(finding->path, path) == 0;
	}
	return n;
}

/* The text is carried as it stands; a note names its field. */
START_TEST(a_file_with_such_a_text_is_accepted_with_a_note)
{
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < 2; i++) {
		char xml[512];
		int len = snprintf(xml, sizeof(xml),
			"<ASYCUDA><Item><Goods_description><Description_of_goods>%s"
			"</Description_of_goods></Goods_description></Item></ASYCUDA>",
			i ? unicode[2] : zawgyi[0]);
		struct conversion *conversion = decode_native(set, "la/asycuda-sad",
			(struct rg_bytes){(const uint8_t *)xml, (size_t)len});
		ck_assert(!convert_is_refused(conversion));
		ck_assert_uint_eq(count_notes(conversion, "items[0].commodity.description"),
			i ? 0 : 1);
		convert_free(conversion);
	}
	plugin_set_close(set);
}
END_TEST

/* Any bytes are answered: the text may end within a sign. */
START_TEST(a_text_cut_at_any_byte_is_answered)
{
	struct rg_bytes text = text_bytes(zawgyi[0]);
	for (size_t len = 0; len <= text.len; len++) {
		uint8_t *copy = malloc(len + 1);
		ck_assert_ptr_nonnull(copy);
		memcpy(copy, text.data, len);
		bool is_found = zawgyi_is_likely((struct rg_bytes){copy, len});
		ck_assert(is_found || len < 3);
		free(copy);
	}
}
END_TEST

CHECK_MAIN("zawgyi", text_of_a_zawgyi_font_is_found, text_in_unicode_is_not_found,
	no_text_of_the_projects_own_files_is_found, a_file_with_such_a_text_is_accepted_with_a_note,
	a_text_cut_at_any_byte_is_answered)
