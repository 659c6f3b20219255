/*
 * What every format must bear, whatever it is: files that are cut, damaged, of another
 * encoding or a bomb; no item, one and very many; long texts; the scripts of six
 * countries and all planes of Unicode. One line of the table below adds a format.
 *
 * A text is intact, or it is named: in a finding that refuses the document, or in the
 * loss report.
 */
#include "frames.h"
#include "suite.h"

/* The documents of a format; in paths [] is the place of the goods. */
struct shape {
	const char *head; /* of its JSON */
	const char *list; /* of goods */
	const char *description, *code;
	const char *places[8]; /* of texts; ends with NULL */
};

static const struct shape declaration = {
	.head = "\"direction\":\"DIRECTION_EXPORT\",",
	.list = "items",
	.description = "items[].commodity.description",
	.code = "items[].commodity.hs6",
	.places = {"exporter.name", "exporter.address.lines[0]", "consignee.name", "marks",
		"remarks[0].text", "items[0].commodity.description"},
};

static const struct shape phyto = {
	.head = "\"@type\":\"rivergate.v1.Certificate\",",
	.list = "items[0].lines",
	.description = "items[0].lines[].descriptions[0].text",
	.code = "items[0].lines[].classifications[0].code.value",
	.places = {"exporter.names[0].text", "exporter.address.lines[0].text",
		"consignee.names[0].text", "statements[0].texts[0].text", "information[0].text",
		"items[0].lines[0].scientificNames[0].text",
		"items[0].lines[0].descriptions[0].text"},
};

static const struct shape permit = {
	.head = "\"@type\":\"rivergate.v1.Certificate\",",
	.list = "items",
	.description = "items[].lines[0].descriptions[0].text",
	.code = "items[].lines[0].productTypes[0].value",
	.places = {"exporter.names[0].text", "exporter.address.lines[0].text",
		"consignee.names[0].text", "statements[0].texts[0].text", "information[0].text",
		"items[0].marks[0].texts[0].text", "items[0].lines[0].descriptions[0].text"},
};

static const struct subject {
	const char *format;        /* cc/name */
	const char *country;       /* whose documents are its own */
	const char *file;          /* a small good file of its own */
	const struct shape *shape; /* NULL: answers, which are never written for others */
	/* Goods that one file may hold; more are refused, since nobody can divide them. 0: any. */
	size_t most_own, most_abroad;
	const char *element; /* of which there may not be more */
} subjects[] = {
	{"cites-epix", "", "adapters/formats/cites-epix/testdata/permit-orchid.xml", &permit, 0, 0,
		NULL},
	{"cn/cn-ceb", "CN", "adapters/cn/testdata/ceb/request-ceb513.xml", &declaration, 100, 99,
		"InventoryList"},
	{"cn/cn-ceb-receipt", "CN", "adapters/cn/testdata/ceb/receipt-ceb412.xml", NULL, 0, 0,
		NULL},
	{"cn/cn-dec", "CN", "adapters/cn/testdata/import-durian.xml", &declaration, 0, 0, NULL},
	{"cn/cn-dec-data", "CN", "adapters/cn/testdata/answers/data-old.xml", NULL, 0, 0, NULL},
	{"cn/cn-dec-response", "CN", "adapters/cn/testdata/answers/response-stored.xml", NULL, 0, 0,
		NULL},
	{"cn/cn-dec-result", "CN", "adapters/cn/testdata/answers/result-released.xml", NULL, 0, 0,
		NULL},
	{"edifact", "", "adapters/formats/edifact/testdata/cusdec-lao.edi", &declaration, 0, 0,
		NULL},
	{"edifact-response", "", "adapters/formats/edifact/testdata/cusres-refused.edi", NULL, 0, 0,
		NULL},
	{"kh/asycuda-sad", "KH", "adapters/la/testdata/one-item.xml", &declaration, 0, 0, NULL},
	{"la/asycuda-sad", "LA", "adapters/la/testdata/one-item.xml", &declaration, 0, 0, NULL},
	{"mm/mm-maccs", "MM", "adapters/mm/testdata/export-beans.edi", &declaration, 0, 0, NULL},
	{"sps-ephyto", "", "adapters/formats/sps-ephyto/testdata/certificate-lychee.xml", &phyto, 0,
		0, NULL},
	{"sps-ephyto-answer", "", "adapters/formats/sps-ephyto/testdata/answers/fault.xml", NULL, 0,
		0, NULL},
	{"th/th-ecustoms", "TH", "adapters/th/testdata/import-bananas.xml", &declaration, 0, 0,
		NULL},
	{"th/th-ecustoms", "TH", "adapters/th/testdata/answers/released.xml", NULL, 0, 0, NULL},
	{"vn/vn-vnaccs", "VN", "adapters/vn/testdata/small-import.edi", &declaration, 0, 0, NULL},
	{"wco-dm", "", "adapters/formats/wco-dm/testdata/bare-import.xml", &declaration, 0, 0,
		NULL},
	{"wco-dm-response", "", "adapters/formats/wco-dm/testdata/responses/bare.xml", NULL, 0, 0,
		NULL},
};

#define N_SUBJECTS (sizeof(subjects) / sizeof(subjects[0]))
#define ABROAD     "SG" /* a country whose documents are nobody's own */

static void each_subject(void (
	*body)(const struct plugin_set *set, const struct subject *subject, struct rg_bytes file))
{
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < N_SUBJECTS; i++) {
		struct buf file = {.data = NULL};
		read_own(subjects[i].file, &file);
		body(set, &subjects[i], buf_view(&file));
		buf_deinit(&file);
	}
	plugin_set_close(set);
}

/* Those whose documents are written for others. */
static void each_shape(void (*body)(const struct plugin_set *set, const struct subject *subject))
{
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < N_SUBJECTS; i++) {
		if (subjects[i].shape) {
			body(set, &subjects[i]);
		}
	}
	plugin_set_close(set);
}

/* Decodes and validates; both must answer. Returns whether the file was accepted. */
static bool answers(const struct plugin_set *set, const struct subject *subject,
	struct rg_bytes file)
{
	struct conversion *checking = NULL;
	const struct plugin_format *format = format_of(set, subject->format);
	struct conversion *conversion = decode_native(set, subject->format, file);
	bool is_accepted = !convert_is_refused(conversion);
	ck_assert_int_eq(convert_new(&checking), RG_OK);
	ck_assert_int_eq(convert_validate(checking, format, file), RG_OK);
	ck_assert_msg(!is_accepted || convert_n_documents(conversion) > 0,
		"%s: accepted, but without a document", subject->format);
	if (is_accepted) {
		ck_assert_int_eq(convert_encode(conversion, format, RG_PURPOSE_UNSPECIFIED), RG_OK);
	} else {
		ck_assert_uint_gt(convert_n_findings(conversion), 0);
	}
	convert_free(checking);
	convert_free(conversion);
	return is_accepted;
}

/* Files */

static void cut_everywhere(const struct plugin_set *set, const struct subject *subject,
	struct rg_bytes file)
{
	size_t whole = file.len;
	while (file.data[whole - 1] == '\n' || file.data[whole - 1] == '\r') {
		whole--;
	}
	ck_assert(answers(set, subject, file));
	for (size_t len = 0; len < whole; len += check_slowness()) {
		struct rg_bytes cut = {file.data, len};
		struct conversion *conversion = decode_native(set, subject->format, cut);
		ck_assert_msg(convert_is_refused(conversion), "%s: accepted when cut at %zu",
			subject->format, len);
		convert_free(conversion);
	}
}

START_TEST(a_file_cut_at_any_byte_is_refused)
{
	each_subject(cut_everywhere);
}
END_TEST

/* Whether a file comes back byte for byte. */
static bool returns(const struct plugin_set *set, const struct subject *subject,
	struct rg_bytes file)
{
	struct conversion *conversion = decode_native(set, subject->format, file);
	ck_assert_int_eq(convert_encode(conversion, format_of(set, subject->format),
				 RG_PURPOSE_UNSPECIFIED),
		RG_OK);
	bool is_same = convert_n_outputs(conversion) == 1 &&
		bytes_equal(convert_output(conversion, 0), file);
	convert_free(conversion);
	return is_same;
}

/* A byte of no text is refused; where a format has sets of one byte, it is a letter and stays. */
static void damage_everywhere(const struct plugin_set *set, const struct subject *subject,
	struct rg_bytes file)
{
	static const uint8_t values[] = {0x00, 0xff, '<', '&', '\n', ' ', '9'};
	uint8_t *copy = malloc(file.len);
	ck_assert_ptr_nonnull(copy);
	memcpy(copy, file.data, file.len);
	size_t step = getenv("RIVERGATE_LONG") ? 1 : 7 * check_slowness();
	for (size_t i = 0; i < file.len; i += step) {
		uint8_t value = values[(i / step) % sizeof(values)];
		copy[i] = value;
		struct rg_bytes damaged = {copy, file.len};
		bool is_accepted = answers(set, subject, damaged);
		bool is_text = value != 0x00 &&
			(value != 0xff || (is_accepted && returns(set, subject, damaged)));
		ck_assert_msg(!is_accepted || is_text, "%s: byte %zu as %02x is accepted",
			subject->format, i, value);
		copy[i] = file.data[i];
	}
	free(copy);
}

/* The fields of a header that are not read may hold anything but bytes of no text. */
START_TEST(a_file_with_any_byte_damaged_is_answered)
{
	each_subject(damage_everywhere);
}
END_TEST

static void try_bombs(const struct plugin_set *set, const struct subject *subject,
	struct rg_bytes file)
{
	static const char *const bombs[] = {
		"",
		"\n",
		"hello",
		"\xef\xbb\xbf",
		"<",
		"<?xml version=\"1.0\"?>",
		"<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\">"
		"<!ENTITY c \"&b;&b;&b;&b;&b;&b;\"><!ENTITY d \"&c;&c;&c;&c;&c;&c;\">]><a>&d;</a>",
		"<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>",
		"<!DOCTYPE a SYSTEM \"http://127.0.0.1:9/a.dtd\"><a/>",
		"<!DOCTYPE a [<!ENTITY % p \"<!ENTITY q 'x'>\"> %p;]><a>&q;</a>",
		"<a>&undefined;</a>",
		"<a><b></a></b>",
		"<somebody-elses-format/>",
		"{\"country\":\"LA\"}",
		"UNB+UNOC:3+A+B+260301:1200+1'UNZ+0+1'",
	};
	(void)file;
	for (size_t i = 0; i < sizeof(bombs) / sizeof(bombs[0]); i++) {
		struct rg_bytes text = {(const uint8_t *)bombs[i], strlen(bombs[i])};
		ck_assert_msg(!answers(set, subject, text), "%s: accepted: %s", subject->format,
			bombs[i]);
	}
}

START_TEST(a_bomb_and_what_is_of_another_format_are_refused)
{
	each_subject(try_bombs);
}
END_TEST

static void try_depth(const struct plugin_set *set, const struct subject *subject,
	struct rg_bytes file)
{
	static const char *const parts[] = {"<a>", "<a b='c'/>", "&lt;", "\r\n", "\t", "SS IDA  "};
	(void)file;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct buf text = {.data = NULL};
		for (size_t j = 0; j < 300000; j++) {
			buf_add_text(&text, parts[i]);
		}
		ck_assert_int_eq(buf_error(&text), RG_OK);
		ck_assert(!answers(set, subject, buf_view(&text)));
		buf_deinit(&text);
	}
}

START_TEST(a_part_three_hundred_thousand_times_is_refused)
{
	each_subject(try_depth);
}
END_TEST

/* Encodings */

static rg_err add_leaf_line(void *context, const struct doc_leaf *leaf)
{
	if (strncmp(leaf->path, "hints[", 6) != 0) {
		buf_printf(context, "%s=%.*s\n", leaf->path, (int)leaf->value.len,
			(const char *)leaf->value.data);
	}
	return RG_OK;
}

/* What a file says; "" where it is refused. */
static void leaves_text(const struct plugin_set *set, const struct subject *subject,
	struct rg_bytes file, struct buf *out)
{
	struct conversion *conversion = decode_native(set, subject->format, file);
	if (!convert_is_refused(conversion)) {
		ck_assert_int_eq(doc_each_leaf(convert_document(conversion, 0), add_leaf_line, out),
			RG_OK);
	}
	convert_free(conversion);
}

static void add_wide(struct buf *out, struct rg_bytes file, bool is_big, unsigned n_zeroes)
{
	for (size_t i = 0; i < file.len; i++) {
		for (unsigned j = 0; is_big && j < n_zeroes; j++) {
			buf_add_u8(out, 0);
		}
		buf_add_u8(out, file.data[i]);
		for (unsigned j = 0; !is_big && j < n_zeroes; j++) {
			buf_add_u8(out, 0);
		}
	}
}

static const struct {
	const char *name, *mark;
	size_t mark_len;
	bool is_big;
	unsigned n_zeroes; /* beside each byte */
} encodings[] = {
	{"UTF-8 with mark", "\xef\xbb\xbf", 3, false, 0},
	{"UTF-16LE with mark", "\xff\xfe", 2, false, 1},
	{"UTF-16BE with mark", "\xfe\xff", 2, true, 1},
	{"UTF-16LE", "", 0, false, 1},
	{"UTF-16BE", "", 0, true, 1},
	{"UTF-32LE with mark", "\xff\xfe\0\0", 4, false, 3},
	{"UTF-32BE", "", 0, true, 3},
	{"Latin-1", "\xe9", 1, false, 0},
};

/* Another encoding of the same file is refused, or says the same. */
static void try_encodings(const struct plugin_set *set, const struct subject *subject,
	struct rg_bytes file)
{
	struct buf plain = {.data = NULL};
	leaves_text(set, subject, file, &plain);
	ck_assert_uint_gt(plain.len, 0);
	for (size_t i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++) {
		struct buf other = {.data = NULL};
		struct buf said = {.data = NULL};
		buf_add(&other, encodings[i].mark, encodings[i].mark_len);
		add_wide(&other, file, encodings[i].is_big, encodings[i].n_zeroes);
		leaves_text(set, subject, buf_view(&other), &said);
		ck_assert_msg(said.len == 0 || encodings[i].n_zeroes > 0 ||
				bytes_equal(buf_view(&plain), buf_view(&said)),
			"%s: %s says something else", subject->format, encodings[i].name);
		buf_deinit(&other);
		buf_deinit(&said);
	}
	buf_deinit(&plain);
}

START_TEST(a_file_in_another_encoding_is_refused_or_says_the_same)
{
	each_subject(try_encodings);
}
END_TEST

/* Documents */

static struct conversion *new_document(const struct plugin_set *set, const struct subject *subject,
	const char *country)
{
	char json[128];
	int len = snprintf(json, sizeof(json), "{%s\"country\":\"%s\"}", subject->shape->head,
		country);
	return decode_native(set, "json", (struct rg_bytes){(const uint8_t *)json, (size_t)len});
}

/* The path with the place of the goods put in. */
static void fill_in(const char *pattern, size_t i, char path[DOC_PATH_MAX])
{
	const char *list = strstr(pattern, "[]");
	ck_assert_ptr_nonnull(list);
	snprintf(path, DOC_PATH_MAX, "%.*s[%zu]%s", (int)(list - pattern), pattern, i, list + 2);
}

static void set_item(struct doc *doc, const char *pattern, size_t i, const char *text)
{
	char path[DOC_PATH_MAX];
	fill_in(pattern, i, path);
	set_leaf(doc, path, text, strlen(text));
}

static bool leaf_is(const struct doc *doc, const char *path, const char *text)
{
	char scratch[32];
	struct doc_leaf leaf;
	ck_assert_int_eq(doc_peek(doc, path, &leaf, scratch), RG_OK);
	return leaf.value.data && leaf.value.len == strlen(text) &&
		memcmp(leaf.value.data, text, leaf.value.len) == 0;
}

static bool item_is(const struct doc *doc, const char *pattern, size_t i, const char *text)
{
	char path[DOC_PATH_MAX];
	fill_in(pattern, i, path);
	return leaf_is(doc, path, text);
}

/* The items of all files that were written are those of the document, in its order. */
static void check_items(const struct plugin_set *set, const struct subject *subject,
	struct conversion *written, size_t n)
{
	char name[64];
	size_t at = 0;
	for (size_t i = 0; i < convert_n_outputs(written); i++) {
		struct conversion *read =
			decode_native(set, subject->format, convert_output(written, i));
		ck_assert(!convert_is_refused(read));
		struct doc *doc = convert_document(read, 0);
		size_t n_here = 0;
		ck_assert_int_eq(rg_doc_count(doc_view(doc), subject->shape->list, &n_here), RG_OK);
		for (size_t j = 0; j < n_here; j++, at++) {
			snprintf(name, sizeof(name), "Goods line %zu", at + 1);
			ck_assert_msg(item_is(doc, subject->shape->description, j, name) &&
					item_is(doc, subject->shape->code, j, "080390"),
				"%s: %s", subject->format, name);
		}
		convert_free(read);
	}
	ck_assert_msg(at == n, "%s: %zu items of %zu", subject->format, at, n);
}

static bool is_found(const struct conversion *conversion, const char *path);

/* A finding names the list, how many it may hold, and the element. */
static void check_limit(const struct subject *subject, const struct conversion *conversion,
	size_t most)
{
	char limit[64];
	snprintf(limit, sizeof(limit), "%zu %s", most, subject->element);
	ck_assert_msg(convert_is_refused(conversion) && is_found(conversion, subject->shape->list),
		"%s: more than %zu are written", subject->format, most);
	const struct rg_finding *finding = convert_finding(conversion, 0);
	ck_assert_str_eq(finding->rule, "LIMIT");
	ck_assert_msg(strstr(finding->text, limit), "%s: %s", subject->format, finding->text);
}

static void try_n_items(const struct plugin_set *set, const struct subject *subject, size_t n,
	bool is_own)
{
	char name[64];
	size_t most = is_own ? subject->most_own : subject->most_abroad;
	struct conversion *conversion =
		new_document(set, subject, is_own ? subject->country : ABROAD);
	struct doc *doc = convert_document(conversion, 0);
	for (size_t i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "Goods line %zu", i + 1);
		set_item(doc, subject->shape->description, i, name);
		set_item(doc, subject->shape->code, i, "080390");
	}
	ck_assert_int_eq(convert_encode(conversion, format_of(set, subject->format),
				 RG_PURPOSE_PREFILL),
		RG_OK);
	if (most > 0 && n > most) {
		check_limit(subject, conversion, most);
	} else {
		ck_assert_msg(!convert_is_refused(conversion), "%s: %zu items are refused",
			subject->format, n);
		check_items(set, subject, conversion, n);
	}
	convert_free(conversion);
}

static void try_items(const struct plugin_set *set, const struct subject *subject, bool is_own)
{
	const size_t numbers[] = {0, 1, subject->most_own, subject->most_abroad,
		999 / check_slowness()};
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		try_n_items(set, subject, numbers[i], is_own);
	}
}

static void try_items_at_home(const struct plugin_set *set, const struct subject *subject)
{
	try_items(set, subject, true);
}

static void try_items_abroad(const struct plugin_set *set, const struct subject *subject)
{
	try_items(set, subject, false);
}

START_TEST(no_item_one_and_999_are_written_and_read)
{
	each_shape(try_items_at_home);
}
END_TEST

START_TEST(no_item_one_and_999_are_written_abroad_and_read)
{
	each_shape(try_items_abroad);
}
END_TEST

/* Texts */

/* Where a format states a text at another place than the one it was read from. */
static const struct {
	const char *format, *stated, *written;
} moves[] = {
	{"cn/cn-ceb", "exporter.name", "commerce.seller.name"},
};

static const char *written_place(const struct subject *subject, const char *path)
{
	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
		if (strcmp(moves[i].format, subject->format) == 0 &&
			strcmp(moves[i].stated, path) == 0) {
			return moves[i].written;
		}
	}
	return path;
}

/* A finding about this place, or about the whole it is part of, refused the document. */
static bool is_found(const struct conversion *conversion, const char *path)
{
	for (size_t i = 0; i < convert_n_findings(conversion); i++) {
		const struct rg_finding *finding = convert_finding(conversion, i);
		size_t len = strlen(finding->path);
		if (finding->severity == RG_FINDING_ERROR && len > 0 &&
			strncmp(finding->path, path, len) == 0) {
			return true;
		}
	}
	return false;
}

/* Whether this text at this place comes out intact or is named. */
static bool is_intact_or_named(const struct plugin_set *set, const struct subject *subject,
	const char *country, const char *path, const char *text)
{
	struct conversion *conversion = new_document(set, subject, country);
	set_leaf(convert_document(conversion, 0), path, text, strlen(text));
	ck_assert_int_eq(convert_encode(conversion, format_of(set, subject->format),
				 RG_PURPOSE_PREFILL),
		RG_OK);
	bool is_right = is_found(conversion, path) || loss_of(conversion, path);
	if (!convert_is_refused(conversion) && !is_right) {
		struct conversion *read =
			decode_native(set, subject->format, convert_output(conversion, 0));
		ck_assert(!convert_is_refused(read));
		is_right = leaf_is(convert_document(read, 0), written_place(subject, path), text);
		convert_free(read);
	}
	convert_free(conversion);
	return is_right;
}

static const struct {
	const char *language, *text;
} scripts[] = {
	{"Lao", "ໝາກກ້ວຍສົດ ແຂວງອຸດົມໄຊ"},
	{"Khmer", "ចេកស្រស់ ខេត្តបាត់ដំបង"},
	{"Burmese", "ငှက်ပျောသီး မန္တလေးမြို့"},
	{"Thai", "ทุเรียนสด จังหวัดจันทบุรี"},
	{"Vietnamese", "Chuối tươi, tỉnh Lào Cai; sầu riêng"},
	{"Vietnamese, decomposed", "Chuo\xcc\x82\xcc\x81i tu\xcc\x9boi"},
	{"Chinese", "新鲜香蕉，西双版纳傣族自治州"},
	{"Chinese beyond the first plane", "𠮷野家 𪚥"},
	{"Shan", "ၵူၺ်ႈ ၸႄႈဝဵင်း"},
	{"Tai Lue", "ᦷᦟᦑᦰ"},
	{"joiners and marks",
		"a\xe2\x80\x8d"
		"b\xe2\x80\x8c"
		"c\xe2\x80\x8f"
		"d"},
	{"an emoji", "\xf0\x9f\x8d\x8c"},
};

static void try_scripts(const struct plugin_set *set, const struct subject *subject)
{
	static const char *const abroad = ABROAD;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		const char *text = scripts[i].text;
		for (const char *const *place = subject->shape->places; *place; place++) {
			ck_assert_msg(is_intact_or_named(set, subject, subject->country, *place,
					      text) &&
					is_intact_or_named(set, subject, abroad, *place, text),
				"%s: %s in %s", subject->format, scripts[i].language, *place);
		}
	}
}

START_TEST(texts_of_the_six_countries_are_intact_or_named)
{
	each_shape(try_scripts);
}
END_TEST

/* The description of goods takes any script in each of the formats. */
static void try_descriptions(const struct plugin_set *set, const struct subject *subject)
{
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		const char *path = subject->shape->description;
		struct conversion *conversion = new_document(set, subject, subject->country);
		set_item(convert_document(conversion, 0), path, 0, scripts[i].text);
		ck_assert_int_eq(convert_encode(conversion, format_of(set, subject->format),
					 RG_PURPOSE_UNSPECIFIED),
			RG_OK);
		ck_assert(!convert_is_refused(conversion));
		struct conversion *read =
			decode_native(set, subject->format, convert_output(conversion, 0));
		ck_assert_msg(item_is(convert_document(read, 0), path, 0, scripts[i].text),
			"%s: %s", subject->format, scripts[i].language);
		convert_free(read);
		convert_free(conversion);
	}
}

START_TEST(a_description_of_goods_is_intact_in_every_script)
{
	each_shape(try_descriptions);
}
END_TEST

/* Planes */

#define POINTS_PER_TEXT 140 /* 600 bytes hold them at four bytes each */
#define TEXTS_PER_FILE  50

static size_t put_point(char *out, uint32_t point)
{
	if (point < 0x80) {
		out[0] = (char)point;
		return 1;
	}
	size_t len = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
	static const uint8_t heads[] = {0, 0, 0xc0, 0xe0, 0xf0};
	for (size_t i = len - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (point & 0x3f));
		point >>= 6;
	}
	out[0] = (char)(heads[len] | point);
	return len;
}

/* What neither XML nor a line of text can hold, or is no character at all. */
static bool is_no_text(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0) ||
		(point >= 0xd800 && point <= 0xdfff) || (point & 0xfffe) == 0xfffe;
}

/*
 * The next text of points from *point on; every point of the first plane, each 16th of the rest;
 * where that is slow, only each so many-eth of these.
 */
static void next_text(uint32_t *point, char text[POINTS_PER_TEXT * 4 + 16])
{
	size_t len = 0;
	text[len++] = 'x';
	for (size_t n = 0; n < POINTS_PER_TEXT && *point < 0x110000; n++) {
		while (is_no_text(*point)) {
			(*point)++;
		}
		len += *point < 0x110000 ? put_point(text + len, *point) : 0;
		*point += (*point < 0x10000 ? 1 : 16) * (uint32_t)check_slowness();
	}
	text[len++] = 'y';
	text[len] = '\0';
}

static void try_planes(const struct plugin_set *set, const struct subject *subject)
{
	static char texts[TEXTS_PER_FILE][POINTS_PER_TEXT * 4 + 16];
	const char *path = subject->shape->description;
	uint32_t point = 0x21;
	while (point < 0x110000) {
		struct conversion *conversion = new_document(set, subject, subject->country);
		for (size_t i = 0; i < TEXTS_PER_FILE; i++) {
			next_text(&point, texts[i]);
			set_item(convert_document(conversion, 0), path, i, texts[i]);
		}
		ck_assert_int_eq(convert_encode(conversion, format_of(set, subject->format),
					 RG_PURPOSE_UNSPECIFIED),
			RG_OK);
		ck_assert_msg(!convert_is_refused(conversion), "%s: before %x: %s", subject->format,
			point, convert_finding(conversion, 0)->text);
		struct conversion *read =
			decode_native(set, subject->format, convert_output(conversion, 0));
		for (size_t i = 0; i < TEXTS_PER_FILE; i++) {
			ck_assert_msg(item_is(convert_document(read, 0), path, i, texts[i]),
				"%s: text %zu before %x", subject->format, i, point);
		}
		convert_free(read);
		convert_free(conversion);
	}
}

START_TEST(a_description_of_goods_holds_every_plane_of_unicode)
{
	each_shape(try_planes);
}
END_TEST

static void try_long_texts(const struct plugin_set *set, const struct subject *subject)
{
	static const char *const pieces[] = {"A", "ກ", "𠮷", "A "};
	const char *const *places = subject->shape->places;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct buf text = {.data = NULL};
		while (text.len < (1u << 20)) {
			buf_add_text(&text, pieces[i]);
		}
		buf_add_u8(&text, 'z');
		buf_add_u8(&text, '\0');
		const char *whole = (const char *)text.data;
		for (size_t j = 0; places[j]; j++) {
			bool is_tried = j % check_slowness() == i % check_slowness();
			ck_assert_msg(!is_tried ||
					(is_intact_or_named(set, subject, ABROAD, places[j],
						 whole) &&
						is_intact_or_named(set, subject, subject->country,
							places[j], whole)),
				"%s: %s of a MiB", subject->format, places[j]);
		}
		buf_deinit(&text);
	}
}

START_TEST(a_text_of_a_mebibyte_is_intact_or_named)
{
	each_shape(try_long_texts);
}
END_TEST

CHECK_MAIN("conformance", a_file_cut_at_any_byte_is_refused,
	a_file_with_any_byte_damaged_is_answered, a_bomb_and_what_is_of_another_format_are_refused,
	a_part_three_hundred_thousand_times_is_refused,
	a_file_in_another_encoding_is_refused_or_says_the_same,
	no_item_one_and_999_are_written_and_read, no_item_one_and_999_are_written_abroad_and_read,
	texts_of_the_six_countries_are_intact_or_named,
	a_description_of_goods_is_intact_in_every_script,
	a_description_of_goods_holds_every_plane_of_unicode,
	a_text_of_a_mebibyte_is_intact_or_named)
