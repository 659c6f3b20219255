/*
 * Signed notes, checkpoints, proof files and receipts. The vectors were made with
 * Python's cryptography module from the C2SP texts; the first verifier key is the
 * example of signed-note itself.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "evidence/note.h"
#include "evidence/proof.h"
#include "evidence/receipts.h"
#include "evidence/record.h"
#include "suite.h"

#define DASH      "\xe2\x80\x94 "
#define ORIGIN    "rivergate.example/test"
#define SPEC_VKEY "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
#define VKEY      ORIGIN "+057cb70b+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
#define ROOT      "SBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I="
#define TEXT      ORIGIN "\n42\n" ROOT "\n"
#define SIGNATURE_A \
	"BXy3C5TyFp2RLcTY/" \
	"Tn+EQDBtMbKJHrdHoJ21OD8An9HbC4xygsxVM2UuU4BnWxZfJpVpH6PN1BSOtsb+F+ZWfCGDg4="
#define SIGNATURE_X \
	"BXy3C7QHoSBMkoOlZcYtv01Ytx5FfcuROxtxeHv/kSScDeJ0gFP5NtWF23zB7C4ZdzIkFc9ZbIYPETxA804iI/" \
	"MQXQ0="
#define LINE       DASH ORIGIN " " SIGNATURE_A "\n"
#define NOTE       TEXT "\n" LINE
#define OTHER_LINE DASH "witness.example AAAAAAAA\n"
/* The right name and id, another signature. */
#define BAD_LINE DASH ORIGIN " " SIGNATURE_X "\n"

/* The private key of the vectors: seed 00 01 … 1f. */
static const char pem[] = "-----BEGIN PRIVATE KEY-----\n"
			  "MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n"
			  "-----END PRIVATE KEY-----\n";

static struct key *load_key(void)
{
	char path[] = "/tmp/test-note-XXXXXX";
	int fd = mkstemp(path);
	struct key *key = NULL;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(file_write_all(fd, bytes_of_text(pem)), RG_OK);
	close(fd);
	ck_assert_int_eq(key_load(path, &key), RG_OK);
	unlink(path);
	return key;
}

static struct note_verifier verifier(void)
{
	struct note_verifier verifier;

	ck_assert(note_verifier_parse(VKEY, &verifier));
	return verifier;
}

static bool is_signed(const char *note)
{
	struct note_verifier log = verifier();
	struct note_checkpoint checkpoint;
	bool is_valid;

	ck_assert_int_eq(note_checkpoint_verify(bytes_of_text(note), &log, &checkpoint, &is_valid),
		RG_OK);
	return is_valid;
}

/* --- Names and keys ------------------------------------------------------------------------- */

START_TEST(names_with_spaces_plus_or_controls_are_refused)
{
	static const char *const bad[] = {"", "a b", "a+b", "a\tb", "a\nb", "a\x7f", "\xff",
		"a\xc2\xa0", "\xe2\x80\x83", "\xe3\x80\x80x", "a\xc2\x85", "\xed\xa0\x80"};
	static const char *const good[] = {"a", "example.com/log42", "s\xc3\xb4ng", "\xe6\xb2\xb3"};
	char longest[NOTE_NAME_MAX + 2];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(!note_name_is_valid(bad[i]), "name %zu", i);
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ck_assert_msg(note_name_is_valid(good[i]), "name %zu", i);
	}
	memset(longest, 'a', sizeof(longest));
	longest[NOTE_NAME_MAX + 1] = '\0';
	ck_assert(!note_name_is_valid(longest));
	longest[NOTE_NAME_MAX] = '\0';
	ck_assert(note_name_is_valid(longest));
}
END_TEST

START_TEST(verifier_keys_print_as_they_were_read)
{
	static const char *const keys[] = {SPEC_VKEY, VKEY};

	for (size_t i = 0; i < 2; i++) {
		scoped(buf_deinit) struct buf out = {0};
		struct note_verifier key;

		ck_assert(note_verifier_parse(keys[i], &key));
		note_verifier_print(&key, &out);
		ck_assert_str_eq(buf_text(&out), keys[i]);
	}
}
END_TEST

START_TEST(verifier_keys_that_are_none_are_refused)
{
	static const char *const bad[] = {
		"",
		"example.com/foo",
		"example.com/foo+530d903a",
		"example.com/foo+530d903a+",
		"+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/bar+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/foo+530d903+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/foo+530d903a+BOkyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k=",
		"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2kAA==",
		SPEC_VKEY "\n",
	};
	struct note_verifier key;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(!note_verifier_parse(bad[i], &key), "%s", bad[i]);
	}
}
END_TEST

/* --- Checkpoints ---------------------------------------------------------------------------- */

START_TEST(signed_checkpoint_equals_the_vector)
{
	scoped(key_freep) struct key *key = load_key();
	scoped(buf_deinit) struct buf out = {0};
	struct note_checkpoint checkpoint = {.origin = ORIGIN, .size = 42};

	ck_assert_int_eq(merkle_hash_of(bytes_of_text("root"), bytes_of(NULL, 0), &checkpoint.root),
		RG_OK);
	ck_assert_int_eq(note_checkpoint_sign(&checkpoint, key, &out), RG_OK);
	ck_assert_str_eq(buf_text(&out), NOTE);
}
END_TEST

START_TEST(checkpoint_under_a_bad_name_is_not_signed)
{
	scoped(key_freep) struct key *key = load_key();
	scoped(key_freep) struct key *p256 = NULL;
	scoped(buf_deinit) struct buf out = {0};
	struct note_checkpoint checkpoint = {.origin = "two words", .size = 42};

	ck_assert_int_eq(note_checkpoint_sign(&checkpoint, key, &out), RG_E_CONFIG);
	memcpy(checkpoint.origin, "one", 4);
	ck_assert_int_eq(key_generate(RIVERGATE__V1__ALGORITHM__ALGORITHM_ECDSA_P256_SHA256, &p256),
		RG_OK);
	ck_assert_int_eq(note_checkpoint_sign(&checkpoint, p256, &out), RG_E_CONFIG);
	ck_assert_uint_eq(out.len, 0);
}
END_TEST

START_TEST(checkpoint_reads_back)
{
	struct note_verifier log = verifier();
	struct note_checkpoint checkpoint;
	bool is_valid;

	ck_assert_int_eq(note_checkpoint_verify(bytes_of_text(NOTE), &log, &checkpoint, &is_valid),
		RG_OK);
	ck_assert(is_valid);
	ck_assert_str_eq(checkpoint.origin, ORIGIN);
	ck_assert_uint_eq(checkpoint.size, 42);
	ck_assert_uint_eq(checkpoint.root.bytes[0], 0x48);
}
END_TEST

START_TEST(extension_lines_and_other_signatures_are_allowed)
{
	ck_assert(is_signed(TEXT "extension line\n\n" BAD_LINE));
	ck_assert(is_signed(TEXT "\n" OTHER_LINE LINE OTHER_LINE));
	ck_assert(is_signed(TEXT "\n" LINE LINE));
}
END_TEST

START_TEST(notes_that_are_no_checkpoints_are_refused)
{
	static const char *const bad[] = {
		"",
		"\n",
		TEXT,
		TEXT "\n",
		"\n" LINE,
		TEXT LINE,
		ORIGIN "\n42\n\n" LINE,
		ORIGIN "\n042\n" ROOT "\n\n" LINE,
		ORIGIN "\n\n" ROOT "\n\n" LINE,
		ORIGIN "\n-1\n" ROOT "\n\n" LINE,
		ORIGIN "\n18446744073709551616\n" ROOT "\n\n" LINE,
		ORIGIN "\n42 \n" ROOT "\n\n" LINE,
		ORIGIN "\n42\nSBNJTRN+\n\n" LINE,
		ORIGIN "\n42\nSBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7J=\n\n" LINE,
		ORIGIN "\n42\r\n" ROOT "\n\n" LINE,
		"two words\n42\n" ROOT "\n\n" LINE,
		"\n42\n" ROOT "\n\n" LINE,
		TEXT "\n" DASH ORIGIN " " SIGNATURE_A,
		TEXT "\n" DASH ORIGIN "\n",
		TEXT "\n" DASH ORIGIN " BXy3Cw==\n",
		TEXT "\n- " ORIGIN " " SIGNATURE_A "\n",
		TEXT "\n" DASH ORIGIN "  " SIGNATURE_A "\n",
		TEXT "\n" LINE "more\n",
		TEXT "\nextension\n\n" LINE,
		TEXT "\xff\n\n" LINE,
		TEXT "\t\n\n" LINE,
	};
	struct note_checkpoint checkpoint;

	ck_assert(note_checkpoint_read(bytes_of_text(NOTE), &checkpoint));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(!note_checkpoint_read(bytes_of_text(bad[i]), &checkpoint),
			"note %zu:\n%s", i, bad[i]);
		ck_assert(!is_signed(bad[i]));
	}
}
END_TEST

START_TEST(checkpoint_without_the_logs_good_signature_is_refused)
{
	static const char *const bad[] = {
		TEXT "\n" OTHER_LINE,
		TEXT "\n" BAD_LINE,
		TEXT "\n" LINE BAD_LINE,
		TEXT "\n" BAD_LINE LINE,
		TEXT "\n" DASH "other.example " SIGNATURE_A "\n",
		ORIGIN "\n43\n" ROOT "\n\n" LINE,
		"other.example\n42\n" ROOT "\n\n" LINE,
		TEXT "extension\n\n" LINE,
		/* The right name and id, 63 bytes of signature. */
		TEXT "\n" DASH ORIGIN " BXy3C5TyFp2RLcTY/"
		     "Tn+EQDBtMbKJHrdHoJ21OD8An9HbC4xygsxVM2UuU4BnWxZfJpVpH6PN1BSOtsb+F+"
		     "ZWfCGDg==\n",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(!is_signed(bad[i]), "note %zu", i);
	}
}
END_TEST

START_TEST(sixteen_signatures_are_read_and_hundreds_are_refused)
{
	scoped(buf_deinit) struct buf note = {0};
	struct note_checkpoint checkpoint;

	buf_add_text(&note, TEXT "\n");
	for (size_t i = 0; i < NOTE_SIGNATURES_MAX; i++) {
		buf_add_text(&note, OTHER_LINE);
	}
	ck_assert_uint_ge(NOTE_SIGNATURES_MAX, 16);
	ck_assert(note_checkpoint_read(buf_view(&note), &checkpoint));
	buf_add_text(&note, OTHER_LINE);
	ck_assert(!note_checkpoint_read(buf_view(&note), &checkpoint));
}
END_TEST

/* --- Proof files and receipts --------------------------------------------------------------- */

#define SIZE       11
#define META       "meta"
#define SIGNATURE  "signature"
#define PROOF_HEAD "c2sp.org/tlog-proof@v1\n"

/* A log of SIZE messages "header 0" …, as the router has it. */
struct log {
	struct merkle_hash leaves[SIZE];
	struct buf checkpoint;
	struct note_verifier verifier;
};

static struct merkle_hash head_of(const struct merkle_hash *leaves, size_t n)
{
	struct merkle_hash left;
	struct merkle_hash right;
	size_t split = 1;

	if (n == 1) {
		return leaves[0];
	}
	while (split * 2 < n) {
		split *= 2;
	}
	left = head_of(leaves, split);
	right = head_of(leaves + split, n - split);
	ck_assert_int_eq(merkle_node(&left, &right, &left), RG_OK);
	return left;
}

static rg_err get_node(void *context, unsigned level, uint64_t position,
	struct merkle_hash *ret_hash)
{
	const struct log *log = context;

	*ret_hash = head_of(log->leaves + (position << level), (size_t)1 << level);
	return RG_OK;
}

static void header_of(unsigned index, char text[16])
{
	snprintf(text, 16, "header %u", index);
}

static void make_log(struct log *log)
{
	scoped(key_freep) struct key *key = load_key();
	struct note_checkpoint checkpoint = {.origin = ORIGIN, .size = SIZE};

	*log = (struct log){.verifier = verifier()};
	for (unsigned i = 0; i < SIZE; i++) {
		scoped(buf_deinit) struct buf leaf = {0};
		char header[16];

		header_of(i, header);
		struct record record = {
			.type = RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_MESSAGE,
			.meta = bytes_of_text(META),
			.body = bytes_of_text(header),
			.signature = bytes_of_text(SIGNATURE),
		};
		ck_assert_int_eq(record_write(&record, &leaf), RG_OK);
		ck_assert_int_eq(merkle_leaf(buf_view(&leaf), &log->leaves[i]), RG_OK);
	}
	checkpoint.root = head_of(log->leaves, SIZE);
	ck_assert_int_eq(note_checkpoint_sign(&checkpoint, key, &log->checkpoint), RG_OK);
}

static void free_log(struct log *log)
{
	buf_deinit(&log->checkpoint);
}

static void make_file(struct log *log, unsigned index, struct proof_file *ret_file)
{
	struct proof_source source = {get_node, log};
	struct proof_extra extra = {bytes_of_text(META), bytes_of_text(SIGNATURE)};

	proof_file_init(ret_file);
	ret_file->index = index;
	ck_assert_int_eq(proof_extra_write(&extra, &ret_file->extra), RG_OK);
	ck_assert_int_eq(proof_inclusion(&source, index, SIZE, &ret_file->path), RG_OK);
	buf_add_bytes(&ret_file->checkpoint, buf_view(&log->checkpoint));
}

static const char *check_file(const struct proof_file *file, const char *header,
	const struct log *log)
{
	const char *rule = "not judged";

	ck_assert_int_eq(proof_file_check(file, bytes_of_text(header), &log->verifier, &rule),
		RG_OK);
	return rule;
}

START_TEST(every_receipt_holds_and_reads_back)
{
	scoped(free_log) struct log log;

	make_log(&log);
	for (unsigned i = 0; i < SIZE; i++) {
		scoped(proof_file_deinit) struct proof_file file;
		scoped(proof_file_deinit) struct proof_file back;
		scoped(buf_deinit) struct buf text = {0};
		scoped(buf_deinit) struct buf again = {0};
		char header[16];
		size_t line = 1;

		make_file(&log, i, &file);
		proof_file_init(&back);
		header_of(i, header);
		ck_assert_int_eq(proof_file_write(&file, &text), RG_OK);
		ck_assert_int_eq(proof_file_read(buf_view(&text), &back, &line), RG_OK);
		ck_assert_uint_eq(line, 0);
		ck_assert_ptr_null(check_file(&back, header, &log));
		ck_assert_int_eq(proof_file_write(&back, &again), RG_OK);
		ck_assert(bytes_equal(buf_view(&text), buf_view(&again)));
	}
}
END_TEST

START_TEST(receipt_with_anything_changed_is_refused)
{
	scoped(free_log) struct log log;
	scoped(proof_file_deinit) struct proof_file file;

	make_log(&log);
	make_file(&log, 6, &file);
	ck_assert_ptr_null(check_file(&file, "header 6", &log));
	ck_assert_ptr_nonnull(check_file(&file, "header 7", &log));
	file.index = 7;
	ck_assert_ptr_nonnull(check_file(&file, "header 6", &log));
	file.index = SIZE;
	ck_assert_ptr_nonnull(check_file(&file, "header 6", &log));
	file.index = 6;
	file.path.n_nodes--;
	ck_assert_ptr_nonnull(check_file(&file, "header 6", &log));
	file.path.n_nodes++;
	for (size_t i = 0; i < file.extra.len; i++) {
		file.extra.data[i] ^= 1;
		ck_assert_ptr_nonnull(check_file(&file, "header 6", &log));
		file.extra.data[i] ^= 1;
	}
	for (size_t i = 0; i < file.checkpoint.len; i++) {
		file.checkpoint.data[i] ^= 1;
		ck_assert_ptr_nonnull(check_file(&file, "header 6", &log));
		file.checkpoint.data[i] ^= 1;
	}
	log.verifier.public_key[0] ^= 1;
	ck_assert_ptr_nonnull(check_file(&file, "header 6", &log));
	log.verifier.public_key[0] ^= 1;
	ck_assert_ptr_null(check_file(&file, "header 6", &log));
}
END_TEST

START_TEST(receipt_too_long_for_a_leaf_is_refused)
{
	scoped(free_log) struct log log;
	scoped(proof_file_deinit) struct proof_file file;
	static char header[RECORD_LEAF_MAX + 1];

	make_log(&log);
	make_file(&log, 6, &file);
	memset(header, 'h', sizeof(header) - 1);
	ck_assert_ptr_nonnull(check_file(&file, header, &log));
}
END_TEST

START_TEST(proof_files_name_the_line_that_is_wrong)
{
	static const struct {
		const char *text;
		size_t line;
	} bad[] = {
		{"", 1},
		{"c2sp.org/tlog-proof@v2\nindex 0\n\n" NOTE, 1},
		{PROOF_HEAD, 2},
		{PROOF_HEAD "index 00\n\n" NOTE, 2},
		{PROOF_HEAD "index 18446744073709551616\n\n" NOTE, 2},
		{PROOF_HEAD "index\n\n" NOTE, 2},
		{PROOF_HEAD "extra \nindex 0\n\n" NOTE, 2},
		{PROOF_HEAD "extra QQ\nindex 0\n\n" NOTE, 2},
		{PROOF_HEAD "extra QQ==\n" ROOT "\n\n" NOTE, 3},
		{PROOF_HEAD "index 0\n" ROOT "\n" ROOT "x\n\n" NOTE, 4},
		{PROOF_HEAD "index 0\nQQ==\n\n" NOTE, 3},
		{PROOF_HEAD "index 0\n" NOTE, 3},
		{PROOF_HEAD "index 0\n" ROOT "\n", 4},
		{PROOF_HEAD "index 0\n" ROOT "\n\n", 5},
		{PROOF_HEAD "index 0\n" ROOT "\n\n" TEXT, 5},
	};
	scoped(proof_file_deinit) struct proof_file file;
	size_t line;

	proof_file_init(&file);
	ck_assert_int_eq(proof_file_read(bytes_of_text(PROOF_HEAD "index 0\n\n" NOTE), &file,
				 &line),
		RG_OK);
	ck_assert_uint_eq(line, 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_int_eq(proof_file_read(bytes_of_text(bad[i].text), &file, &line), RG_OK);
		ck_assert_msg(line == bad[i].line, "file %zu: line %zu", i, line);
	}
}
END_TEST

START_TEST(proof_with_65_nodes_is_refused)
{
	scoped(proof_file_deinit) struct proof_file file;
	scoped(buf_deinit) struct buf text = {0};
	size_t line;

	proof_file_init(&file);
	buf_add_text(&text, PROOF_HEAD "index 0\n");
	for (size_t i = 0; i < 65; i++) {
		buf_add_text(&text, ROOT "\n");
	}
	buf_add_text(&text, "\n" NOTE);
	ck_assert_int_eq(proof_file_read(buf_view(&text), &file, &line), RG_OK);
	ck_assert_uint_eq(line, 2 + 65);
}
END_TEST

/* A frame for records 4, 5 and 7 of the range 4..8. */
struct frame {
	Rivergate__V1__Receipts receipts;
	Rivergate__V1__OwnRecord own[3];
	Rivergate__V1__OwnRecord *records[3];
	uint8_t ids[3][16];
	struct merkle_hash others[2];
	struct proof_path outer;
};

static const unsigned own_indexes[3] = {4, 5, 7};

static ProtobufCBinaryData data_of(const void *data, size_t len)
{
	return (ProtobufCBinaryData){.len = len, .data = (uint8_t *)(uintptr_t)data};
}

static void make_frame(struct log *log, struct frame *frame)
{
	struct proof_source source = {get_node, log};

	memset(frame, 0, sizeof(*frame));
	rivergate__v1__receipts__init(&frame->receipts);
	for (size_t i = 0; i < 3; i++) {
		rivergate__v1__own_record__init(&frame->own[i]);
		frame->own[i].index = own_indexes[i];
		frame->own[i].meta = data_of(META, strlen(META));
		frame->own[i].signature = data_of(SIGNATURE, strlen(SIGNATURE));
		frame->ids[i][0] = (uint8_t)own_indexes[i];
		frame->own[i].id = data_of(frame->ids[i], 16);
		frame->records[i] = &frame->own[i];
	}
	frame->others[0] = log->leaves[6];
	frame->others[1] = log->leaves[8];
	ck_assert_int_eq(proof_range(&source, 4, 8, SIZE, &frame->outer), RG_OK);
	frame->receipts.checkpoint = (char *)(uintptr_t)buf_text(&log->checkpoint);
	frame->receipts.first_index = 4;
	frame->receipts.last_index = 8;
	frame->receipts.n_records = 3;
	frame->receipts.records = frame->records;
	frame->receipts.leaf_hashes = data_of(frame->others, sizeof(frame->others));
	frame->receipts.outer =
		data_of(frame->outer.nodes, frame->outer.n_nodes * sizeof(frame->outer.nodes[0]));
}

/* Finds "header N" by an id that starts with N; knows nothing above context's number. */
static bool find_header(void *context, const uint8_t id[16], struct rg_bytes *ret_header)
{
	static char text[16];

	if (id[0] > *(const unsigned *)context) {
		return false;
	}
	header_of(id[0], text);
	*ret_header = bytes_of_text(text);
	return true;
}

/* NULL: the frame holds. */
static const char *check_frame(const struct frame *frame, const struct log *log)
{
	scoped(receipts_freep) struct receipts *receipts = NULL;
	unsigned newest = 7;
	struct receipts_headers headers = {find_header, &newest};
	const char *rule = "not judged";

	ck_assert_int_eq(receipts_check(&frame->receipts, &log->verifier, &headers, &receipts,
				 &rule),
		RG_OK);
	ck_assert((rule == NULL) == (receipts != NULL));
	return rule;
}

START_TEST(frame_of_receipts_yields_each_proof)
{
	scoped(free_log) struct log log;
	scoped(receipts_freep) struct receipts *receipts = NULL;
	scoped(proof_file_deinit) struct proof_file file;
	unsigned newest = 7;
	struct receipts_headers headers = {find_header, &newest};
	struct frame frame;
	const char *rule;

	proof_file_init(&file);
	make_log(&log);
	make_frame(&log, &frame);
	ck_assert_int_eq(receipts_check(&frame.receipts, &log.verifier, &headers, &receipts, &rule),
		RG_OK);
	ck_assert_ptr_null(rule);
	ck_assert_uint_eq(receipts_count(receipts), 3);
	ck_assert_uint_eq(receipts_checkpoint(receipts)->size, SIZE);
	for (size_t i = 0; i < 3; i++) {
		char header[16];

		header_of(own_indexes[i], header);
		ck_assert_int_eq(receipts_proof(receipts, i, &file), RG_OK);
		ck_assert_uint_eq(file.index, own_indexes[i]);
		ck_assert_ptr_null(check_file(&file, header, &log));
		ck_assert_ptr_nonnull(check_file(&file, "header 1", &log));
	}
}
END_TEST

START_TEST(frame_of_receipts_with_anything_changed_is_refused)
{
	scoped(free_log) struct log log;
	struct frame frame;

	make_log(&log);
	for (size_t change = 0; change < 14; change++) {
		make_frame(&log, &frame);
		ck_assert_ptr_null(check_frame(&frame, &log));
		Rivergate__V1__Receipts *receipts = &frame.receipts;
		switch (change) {
		case 0:
			receipts->first_index = 3;
			break;
		case 1:
			receipts->last_index = 9;
			break;
		case 2:
			receipts->last_index = UINT64_MAX;
			break;
		case 3:
			receipts->first_index = 9;
			break;
		case 4:
			receipts->n_records = 2;
			break;
		case 5:
			receipts->leaf_hashes.len--;
			break;
		case 6:
			receipts->leaf_hashes.len -= 32;
			break;
		case 7:
			receipts->outer.len -= 32;
			break;
		case 8:
			frame.outer.nodes[0].bytes[0] ^= 1;
			break;
		case 9:
			frame.others[1].bytes[31] ^= 1;
			break;
		case 10:
			frame.own[1].index = 4;
			break;
		case 11:
			frame.own[2].id.len = 15;
			break;
		case 12:
			frame.own[2].meta.len--;
			break;
		case 13:
			frame.ids[0][0] = 200;
			break;
		}
		ck_assert_msg(check_frame(&frame, &log) != NULL, "change %zu", change);
	}
	log.verifier.public_key[3] ^= 1;
	make_frame(&log, &frame);
	ck_assert_ptr_nonnull(check_frame(&frame, &log));
}
END_TEST

CHECK_MAIN("evidence_note", names_with_spaces_plus_or_controls_are_refused,
	verifier_keys_print_as_they_were_read, verifier_keys_that_are_none_are_refused,
	signed_checkpoint_equals_the_vector, checkpoint_under_a_bad_name_is_not_signed,
	checkpoint_reads_back, extension_lines_and_other_signatures_are_allowed,
	notes_that_are_no_checkpoints_are_refused,
	checkpoint_without_the_logs_good_signature_is_refused,
	sixteen_signatures_are_read_and_hundreds_are_refused, every_receipt_holds_and_reads_back,
	receipt_with_anything_changed_is_refused, receipt_too_long_for_a_leaf_is_refused,
	proof_files_name_the_line_that_is_wrong, proof_with_65_nodes_is_refused,
	frame_of_receipts_yields_each_proof, frame_of_receipts_with_anything_changed_is_refused)
