/*
 * Cosignatures. The vectors were made with Python's cryptography module from the C2SP
 * text tlog-cosignature; the private key is the seed 00 01 … 1f.
 */

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "evidence/cosignature.h"
#include "suite.h"

#define DASH         "\xe2\x80\x94 "
#define TEXT         "rivergate.example/test\n42\nSBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=\n"
#define VKEY         "la.witness+77f25d40+BAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
#define LOG_LINE     DASH "rivergate.example/test AAAAAAAAAAAA\n"
#define LINE(base64) DASH "la.witness " base64 "\n"
#define AT_47 \
	LINE("d/JdQAAAAABkGFDLuVAHXGeqL147su04hTYSLlimKT5/" \
	     "j1baQlydY6TN/Ngt9ggD+8zMTF9alYOuJKbhNxspn5lOdOB+yovZp1kACw==")
#define AT_48 \
	LINE("d/JdQAAAAABkGFDM7QWiE1F0Jb++VFvlwfszJ1TUfW3y0sux9VbQLsLm3TtLghR77IkTr2pEUtyi3gWX/" \
	     "ybTpml4Qk9nUB+0HRRDAg==")
/* The time in the line is not the one that was signed. */
#define OTHER_TIME \
	LINE("d/JdQAAAAABkGFDNj2qyquiREs+lEMa9O+mFqISKiiHP1kIVkaqf+" \
	     "alcCTeS3cQFXm9X/3RQ1RwApp9PVmXLHAyUHp0GCDfSalmeCA==")
#define TIME_ZERO \
	LINE("d/JdQAAAAAAAAAAAuW0LjVaFfB3U2dbHNViFxdqnza40wJ4jFPUxcq9ElAmt8duoGqNfLWBxmb9HNwfjas" \
	     "JPspLKmpS1Q3aEnTEPCg==")
#define TIME_2_63 \
	LINE("d/JdQIAAAAAAAAAAkllO7jGUuGl7ZXEW/" \
	     "Oqeen0E+4+KfQCUgBWc7xiQnHgp+DnC20USmioSZZaPtILPB6nzfRJwC/WxC9A9tu35Bw==")
#define TIME_LAST \
	LINE("d/JdQH//////////ZoAFJeQbR0weqZuzNP/" \
	     "EE3tDjGUlg6IgrUFIr+zEwnXWJOvhVu9blTXr05VLvFzNdNyO6xq+tU+8caYe5yNNCA==")
#define WITH_EXTENSION \
	LINE("d/JdQAAAAABkGFDLoM0NjfHzc0eA5QutdHcNhwLXmTIXzTodDGl7ciGUh+t/F73/" \
	     "d9mfd6Fs16r+1RnTxBP6000OPAt+0WgPvkr/Cg==")
/* A plain note signature under the cosigner's name and id. */
#define PLAIN \
	LINE("d/JdQJTyFp2RLcTY/Tn+EQDBtMbKJHrdHoJ21OD8An9HbC4xygsxVM2UuU4BnWxZfJpVpH6PN1BSOtsb+F" \
	     "+ZWfCGDg4=")
#define STRANGER DASH "la.witness AAAAAAAAAABkGFDLuVAH\n"

static const char pem[] = "-----BEGIN PRIVATE KEY-----\n"
			  "MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n"
			  "-----END PRIVATE KEY-----\n";

static struct key *load_key(void)
{
	char path[] = "/tmp/test-cosignature-XXXXXX";
	int fd = mkstemp(path);
	struct key *key = NULL;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(file_write_all(fd, bytes_of_text(pem)), RG_OK);
	close(fd);
	ck_assert_int_eq(key_load(path, &key), RG_OK);
	unlink(path);
	return key;
}

static struct cosigner cosigner(void)
{
	struct cosigner cosigner;

	ck_assert(cosigner_parse(VKEY, &cosigner));
	return cosigner;
}

static uint64_t time_of(const char *note)
{
	const struct cosigner by = cosigner();
	uint64_t time_s = 99;

	ck_assert_int_eq(cosignature_time(bytes_of_text(note), &by, &time_s), RG_OK);
	return time_s;
}

START_TEST(cosignature_of_another_program_is_read)
{
	ck_assert_uint_eq(time_of(TEXT "\n" LOG_LINE AT_47), 1679315147);
	ck_assert_uint_eq(time_of(TEXT "\n" TIME_LAST), INT64_MAX);
	ck_assert_uint_eq(time_of(TEXT "an extension\n\n" WITH_EXTENSION), 1679315147);
}
END_TEST

START_TEST(cosignature_of_another_program_is_made_again)
{
	scoped(key_freep) struct key *key = load_key();
	const struct cosigner self = cosigner();
	scoped(buf_deinitv) struct buf line = {.data = NULL};

	ck_assert_int_eq(cosignature_make(bytes_of_text(TEXT "\n" LOG_LINE), &self, key, 1679315147,
				 &line),
		RG_OK);
	ck_assert_str_eq(buf_text(&line), AT_47);
	buf_clear(&line);
	ck_assert_int_eq(cosignature_make(bytes_of_text(TEXT "an extension\n\n" LOG_LINE), &self,
				 key, 1679315147, &line),
		RG_OK);
	ck_assert_str_eq(buf_text(&line), WITH_EXTENSION);
}
END_TEST

START_TEST(earliest_of_several_times_counts)
{
	ck_assert_uint_eq(time_of(TEXT "\n" AT_48 AT_47), 1679315147);
	ck_assert_uint_eq(time_of(TEXT "\n" AT_47 AT_48), 1679315147);
}
END_TEST

START_TEST(unknown_keys_are_ignored)
{
	ck_assert_uint_eq(time_of(TEXT "\n" STRANGER AT_47), 1679315147);
	ck_assert_uint_eq(time_of(TEXT "\n" STRANGER), 0);
}
END_TEST

START_TEST(line_that_does_not_verify_is_refused)
{
	static const char *const bad[] = {
		TEXT "\n" OTHER_TIME,
		TEXT "\n" TIME_ZERO,
		TEXT "\n" TIME_2_63,
		TEXT "\n" PLAIN,
		TEXT "\n" WITH_EXTENSION,
		TEXT "an extension\n\n" AT_47,
		TEXT "\n" AT_47 OTHER_TIME, /* one bad line of a known key spoils the note */
		TEXT "\n" PLAIN AT_47,
		TEXT AT_47,
		"rivergate.example/"
		"test\n43\nSBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=\n\n" AT_47,
		"",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(time_of(bad[i]) == 0, "case %zu passed", i);
	}
}
END_TEST

START_TEST(every_changed_byte_of_a_line_is_found)
{
	static const char note[] = TEXT "\n" AT_47;
	const size_t start = strlen(TEXT "\n" DASH "la.witness ");

	for (size_t i = start; i < sizeof(note) - 2; i++) {
		char changed[sizeof(note)];

		memcpy(changed, note, sizeof(note));
		changed[i] = changed[i] == 'A' ? 'B' : 'A';
		ck_assert_msg(time_of(changed) == 0, "byte %zu", i);
	}
}
END_TEST

START_TEST(verifier_key_of_another_type_is_refused)
{
	struct cosigner by;
	struct note_verifier log;
	scoped(buf_deinitv) struct buf text = {.data = NULL};

	ck_assert(!cosigner_parse("rivergate.example/test+057cb70b+AQOhB7/"
				  "zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
		&by));
	ck_assert(
		!cosigner_parse("la.witness+77f25d41+BAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
			&by));
	ck_assert(!note_verifier_parse(VKEY, &log));
	by = cosigner();
	cosigner_print(&by, &text);
	ck_assert_str_eq(buf_text(&text), VKEY);
}
END_TEST

START_TEST(time_that_cannot_be_told_is_refused)
{
	static const uint64_t bad[] = {0, UINT64_C(1) << 63, UINT64_MAX};
	scoped(key_freep) struct key *key = load_key();
	const struct cosigner self = cosigner();
	scoped(buf_deinitv) struct buf line = {.data = NULL};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_int_eq(cosignature_make(bytes_of_text(TEXT "\n" LOG_LINE), &self, key,
					 bad[i], &line),
			RG_E_CONFIG);
	}
	ck_assert_uint_eq(line.len, 0);
}
END_TEST

START_TEST(key_of_another_witness_is_refused)
{
	scoped(key_freep) struct key *other = NULL;
	const struct cosigner self = cosigner();
	scoped(buf_deinitv) struct buf line = {.data = NULL};

	ck_assert_int_eq(key_generate(RIVERGATE__V1__ALGORITHM__ALGORITHM_ED25519, &other), RG_OK);
	ck_assert_int_eq(cosignature_make(bytes_of_text(TEXT "\n" LOG_LINE), &self, other, 1,
				 &line),
		RG_E_CONFIG);
}
END_TEST

/* --- Rosters and answers --------------------------------------------------------------------- */

static void fill_registry(Rivergate__V1__Registry *registry, Rivergate__V1__Member **list, size_t n)
{
	static Rivergate__V1__Member members[8];
	static char names[8][3];
	static uint8_t keys[8][32];

	rivergate__v1__registry__init(registry);
	for (size_t i = 0; i < n; i++) {
		rivergate__v1__member__init(&members[i]);
		names[i][0] = 'a';
		names[i][1] = (char)('a' + (int)i);
		members[i].cc = names[i];
		memset(keys[i], (int)i + 1, sizeof(keys[i]));
		members[i].witness_key = (ProtobufCBinaryData){sizeof(keys[i]), keys[i]};
		list[i] = &members[i];
	}
	registry->members = list;
	registry->n_members = n;
}

START_TEST(quorum_is_two_thirds_of_the_witnesses_and_one_more)
{
	static const unsigned quorums[] = {0, 1, 2, 3, 3, 4, 5};

	for (size_t n = 0; n < sizeof(quorums) / sizeof(quorums[0]); n++) {
		Rivergate__V1__Registry registry;
		Rivergate__V1__Member *list[8];
		struct cosigner_roster roster;

		fill_registry(&registry, list, n);
		ck_assert_int_eq(cosigner_roster_of(&registry, &roster), RG_OK);
		ck_assert_uint_eq(roster.n_items, n);
		ck_assert_uint_eq(roster.quorum, quorums[n]);
	}
}
END_TEST

START_TEST(member_without_key_has_no_witness)
{
	Rivergate__V1__Registry registry;
	Rivergate__V1__Member *list[8];
	struct cosigner_roster roster;

	fill_registry(&registry, list, 3);
	list[1]->witness_key.len = 0;
	ck_assert_int_eq(cosigner_roster_of(&registry, &roster), RG_OK);
	ck_assert_uint_eq(roster.n_items, 2);
	ck_assert_ptr_null(cosigner_roster_find(&roster, "ab"));
	ck_assert_ptr_eq(cosigner_roster_find(&roster, "ac"), &roster.items[1]);
	ck_assert_str_eq(roster.items[1].key.name, "ac.witness");
}
END_TEST

static uint64_t take(const char *note, const char *lines, struct buf *out)
{
	const struct cosigner by = cosigner();
	uint64_t time_s = 99;

	ck_assert_int_eq(cosignature_take(bytes_of_text(note), bytes_of_text(lines), &by, out,
				 &time_s),
		RG_OK);
	return time_s;
}

START_TEST(own_line_is_taken_out_of_an_answer)
{
	scoped(buf_deinitv) struct buf out = {.data = NULL};

	ck_assert_uint_eq(take(TEXT "\n" LOG_LINE, STRANGER AT_47 AT_48, &out), 1679315147);
	ck_assert_str_eq(buf_text(&out), AT_47);
}
END_TEST

START_TEST(answer_with_anything_else_is_refused)
{
	static const char *const bad[] = {"", STRANGER, PLAIN, AT_47 PLAIN, AT_47 "more",
		"more\n" AT_47, "\n" AT_47, OTHER_TIME, WITH_EXTENSION};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		scoped(buf_deinitv) struct buf out = {.data = NULL};

		ck_assert_msg(take(TEXT "\n" LOG_LINE, bad[i], &out) == 0, "case %zu", i);
		ck_assert_uint_eq(out.len, 0);
	}
}
END_TEST

START_TEST(cosigners_are_counted_once_each)
{
	struct cosigner_roster roster = {.n_items = 2, .quorum = 2};
	struct cosignature_count count;

	roster.items[0] = cosigner();
	roster.items[1] = cosigner();
	roster.items[0].key.key_id++;
	ck_assert_int_eq(cosignature_count(bytes_of_text(TEXT "\n" LOG_LINE AT_48 AT_47), &roster,
				 &count),
		RG_OK);
	ck_assert(!count.is_malformed);
	ck_assert_uint_eq(count.n_valid, 1);
	ck_assert_uint_eq(count.times_s[0], 0);
	ck_assert_uint_eq(count.times_s[1], 1679315147);
	ck_assert_int_eq(cosignature_count(bytes_of_text(TEXT "\n" LOG_LINE AT_47 PLAIN), &roster,
				 &count),
		RG_OK);
	ck_assert(count.is_malformed);
	ck_assert_uint_eq(count.n_valid, 0);
}
END_TEST

CHECK_MAIN("evidence_cosignature", cosignature_of_another_program_is_read,
	cosignature_of_another_program_is_made_again, earliest_of_several_times_counts,
	unknown_keys_are_ignored, line_that_does_not_verify_is_refused,
	every_changed_byte_of_a_line_is_found, verifier_key_of_another_type_is_refused,
	time_that_cannot_be_told_is_refused, key_of_another_witness_is_refused,
	quorum_is_two_thirds_of_the_witnesses_and_one_more, member_without_key_has_no_witness,
	own_line_is_taken_out_of_an_answer, answer_with_anything_else_is_refused,
	cosigners_are_counted_once_each)
