/*
 * China: messages of cross-border e-commerce
 *
 * Method: find the message, then let the XML engine work with its table. Documents are
 * written in runs of one message.
 *
 * Threads: no state.
 */
#include "formats/cn-ceb/ceb.h"

#include <stdio.h>
#include <string.h>

#include "formats/cn-ceb/message.h"
#include "formats/xml/format.h"

/* Lines that a goods list may have: https://www.chinaport.gov.cn/ceb, edition of 2018. */
#define IMPORT_LINES_MAX 99
#define EXPORT_LINES_MAX 100

#define HEAD_MAX 4096

struct ceb_side {
	bool is_answer;
	struct xml_profile other; /* of a file that is none of our messages: refuses it */
};

const struct ceb_side ceb_requests = {false,
	{.format = "cn-ceb", .root = "CEBnnnMessage of a request"}};
const struct ceb_side ceb_receipts = {true,
	{.format = "cn-ceb-receipt", .root = "CEBnnnMessage of a receipt"}};

static struct rg_format with_profile(const struct rg_format *format,
	const struct xml_profile *profile)
{
	struct rg_format one = *format;
	one.profile = profile;
	return one;
}

/* Finding the message */

static const struct xml_profile *find_root(const struct rg_format *format, struct rg_bytes head)
{
	const struct ceb_side *side = format->profile;
	for (size_t i = 0; i < ceb_n_messages; i++) {
		const struct xml_profile *profile = &ceb_messages[i].profile;
		struct rg_format one = with_profile(format, profile);
		if (ceb_messages[i].is_answer == side->is_answer && xml_detect(&one, head) > 0) {
			return profile;
		}
	}
	return NULL;
}

/* The same in an encoding of two bytes: without zeros the names are those of ASCII. */
static const struct xml_profile *find_wide_root(const struct rg_format *format,
	struct rg_bytes head)
{
	uint8_t narrow[HEAD_MAX];
	size_t n = 0;
	for (size_t i = 0; i < head.len && n < sizeof(narrow); i++) {
		narrow[n] = head.data[i];
		n += head.data[i] ? 1 : 0;
	}
	return n < head.len ? find_root(format, (struct rg_bytes){narrow, n}) : NULL;
}

static const struct xml_profile *find_profile(const struct rg_format *format, struct rg_bytes head)
{
	const struct xml_profile *profile = head.len > 0 ? find_root(format, head) : NULL;
	return profile ? profile : find_wide_root(format, head);
}

unsigned ceb_detect(const struct rg_format *format, struct rg_bytes head)
{
	return find_profile(format, head) ? 100 : 0;
}

/* Reading */

static struct rg_format format_of(const struct rg_format *format, struct rg_bytes native)
{
	const struct ceb_side *side = format->profile;
	const struct xml_profile *profile = find_profile(format, native);
	return with_profile(format, profile ? profile : &side->other);
}

rg_err ceb_decode(const struct rg_format *format, struct rg_bytes native, struct rg_call *call)
{
	struct rg_format one = format_of(format, native);
	return xml_decode(&one, native, call);
}

rg_err ceb_validate(const struct rg_format *format, struct rg_bytes native, struct rg_call *call)
{
	struct rg_format one = format_of(format, native);
	return xml_validate(&one, native, call);
}

/* Writing */

static bool is_text(struct rg_bytes value, const char *text)
{
	return value.data && value.len == strlen(text) && memcmp(value.data, text, value.len) == 0;
}

static const struct xml_profile *find_named(const struct ceb_side *side, struct rg_bytes name)
{
	for (size_t i = 0; i < ceb_n_messages; i++) {
		const struct xml_profile *profile = &ceb_messages[i].profile;
		if (ceb_messages[i].is_answer == side->is_answer && is_text(name, profile->root)) {
			return profile;
		}
	}
	return NULL;
}

/* What one country exports, the next imports. */
static rg_err choose_list(struct rg_doc *doc, bool is_own, const struct xml_profile **ret_profile)
{
	struct rg_bytes direction = {NULL, 0};
	rg_err err = rg_doc_get(doc, "direction", &direction);
	bool is_export = is_text(direction, "DIRECTION_EXPORT") == is_own;
	const char *name = is_export ? "CEB603Message" : "CEB621Message";
	struct rg_bytes message = {(const uint8_t *)name, strlen(name)};
	*ret_profile = find_named(&ceb_requests, message);
	return err;
}

static rg_err refuse(struct rg_call *call, const char *rule, const char *path, const char *text)
{
	struct rg_finding finding = {RG_FINDING_ERROR, rule, path, 0, 0, text};
	return rg_call_finding(call, &finding);
}

/* *ret_profile NULL: refused. */
static rg_err choose(const struct ceb_side *side, struct rg_doc *doc, struct rg_call *call,
	const struct xml_profile **ret_profile)
{
	struct rg_bytes country = {NULL, 0};
	struct rg_bytes name = {NULL, 0};
	rg_err err = rg_doc_get(doc, "country", &country);
	bool is_own = !err && (!country.data || is_text(country, call->country));
	if (!err && is_own) {
		err = rg_doc_get(doc, "exchange.message", &name);
	}
	*ret_profile = !err ? find_named(side, name) : NULL;
	if (err || *ret_profile) {
		return err;
	}
	if (name.data || side->is_answer) {
		return refuse(call, "MESSAGE", "exchange.message",
			"the document is not one of the messages that this format has");
	}
	return choose_list(doc, is_own, ret_profile);
}

/* Whether the lines fit; a list of none is written, and said. */
static rg_err check_lines(const struct xml_profile *profile, struct rg_doc *doc,
	struct rg_call *call, bool *ret_fits)
{
	bool is_import = strcmp(profile->root, "CEB621Message") == 0;
	bool is_export = strcmp(profile->root, "CEB603Message") == 0;
	size_t max = is_import ? IMPORT_LINES_MAX : EXPORT_LINES_MAX;
	size_t n = 0;
	rg_err err = rg_doc_count(doc, "items", &n);
	*ret_fits = err || !(is_import || is_export) || n <= max;
	if (!*ret_fits) {
		return refuse(call, "LIMIT", "items",
			is_import
				? "an Inventory of CEB621Message holds 99 InventoryList at most; "
				  "one list is one order and one parcel: divide these first"
				: "an Inventory of CEB603Message holds 100 InventoryList at most; "
				  "one list is one order and one parcel: divide these first");
	}
	if (!err && (is_import || is_export) && n == 0) {
		struct rg_finding note = {RG_FINDING_NOTE, "LINES", "items", 0, 0,
			"a goods list without lines is not valid; add the goods"};
		err = rg_call_finding(call, &note);
	}
	return err;
}

rg_err ceb_encode(const struct rg_format *format, struct rg_doc *const *docs, size_t n_docs,
	struct rg_call *call)
{
	const struct xml_profile *run = NULL;
	size_t first = 0;
	rg_err err = RG_OK;
	for (size_t i = 0; i < n_docs && !err; i++) {
		const struct xml_profile *profile = NULL;
		bool fits = true;
		err = choose(format->profile, docs[i], call, &profile);
		if (!err && profile) {
			err = check_lines(profile, docs[i], call, &fits);
		}
		if (err || !profile || !fits) {
			return err;
		}
		if (run && profile != run) {
			struct rg_format one = with_profile(format, run);
			err = xml_encode(&one, docs + first, i - first, call);
			first = i;
		}
		run = profile;
	}
	if (err || !run) {
		return err;
	}
	struct rg_format one = with_profile(format, run);
	return xml_encode(&one, docs + first, n_docs - first, call);
}
