/*
 * Certificates that the IPPC hub carries as text
 *
 * Method: the file is read once for its texts. Each is read alone, so that it is one element
 * and cannot end the envelope that it is then put into; that envelope is a file of the format.
 * Line breaks in its first tag keep the lines of findings those of the file.
 *
 * Threads: no state.
 */
#include "formats/sps-ephyto/content.h"

#include <string.h>

#include "formats/sps-ephyto/hub.h"
#include "formats/xml/format.h"
#include "formats/xml/io.h"

/* Certificates in one file. */
#define CONTENTS_MAX 1000

/* Requests and answers of the hub whose certificates are texts. */
static const char *const operations[] = {"DeliverEnvelope", "ValidateAndDeliverEnvelope",
	"PULLImportEnvelopeResponse", "PULLSingleImportEnvelopeResponse"};

struct unpacking {
	const struct rg_format *format;
	struct rg_call *call;
	/* What is done with each envelope. */
	rg_err (*then)(const struct rg_format *format, struct rg_bytes native,
		struct rg_call *call);
	struct pool *pool;
	struct xml_tree tree;
	size_t n_contents;
	bool is_refused;
};

static bool is_named(const struct xml_node *node, const char *name)
{
	return xml_is_element(node) && strcmp(xml_local(node->name), name) == 0;
}

/* Whether the tag that begins here names one of the operations, whatever its prefix. */
static bool is_operation(const char *name, const char *end)
{
	size_t len = 0;
	while (name + len < end && !strchr(" \t\r\n/>", name[len])) {
		len++;
	}
	const char *colon = memchr(name, ':', len);
	const char *local = colon ? colon + 1 : name;
	size_t local_len = len - (size_t)(local - name);
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		if (strlen(operations[i]) == local_len &&
			memcmp(operations[i], local, local_len) == 0) {
			return true;
		}
	}
	return false;
}

unsigned sps_detect(const struct rg_format *format, struct rg_bytes head)
{
	const char *at = (const char *)head.data;
	const char *end = at + head.len;
	while (head.len > 0 && at < end && (at = memchr(at, '<', (size_t)(end - at))) != NULL) {
		at++;
		if (is_operation(at, end)) {
			return 100;
		}
	}
	return xml_detect(format, head);
}

/* Saves most files a second reading; what says yes wrongly is read as always. */
static bool may_hold_text(struct rg_bytes native)
{
	return native.len > 0 && memmem(native.data, native.len, "Content", 7) &&
		(memmem(native.data, native.len, "&lt;", 4) ||
			memmem(native.data, native.len, "<![CDATA[", 9));
}

static rg_err say(struct unpacking *unpacking, const struct xml_node *node,
	enum rg_severity severity, const char *text)
{
	const char *path = xml_tree_path(&unpacking->tree, node);
	const struct rg_finding finding = {severity, "CONTENT", path ? path : "", node->line,
		node->column, text};
	unpacking->is_refused |= severity == RG_FINDING_ERROR;
	return rg_call_finding(unpacking->call, &finding);
}

/* The text without its XML declaration, which speaks of bytes that are gone. */
static const char *skip_declaration(const char *text)
{
	static const char space[] = " \t\r\n";
	const char *start = text + strspn(text, space);
	const char *end = strncmp(start, "<?xml", 5) == 0 ? strstr(start, "?>") : NULL;
	return end ? end + 2 + strspn(end + 2, space) : start;
}

static void add_lines(struct text *out, uint32_t n)
{
	while (n-- > 0) {
		text_add(out, "\n", 1);
	}
}

/* Lines of the file before this place of a text that begins on the node's line. */
static uint32_t lines_before(const struct xml_node *node, const char *place)
{
	uint32_t n = node->line > 0 ? node->line - 1 : 0;
	for (const char *c = node->text; c < place; c++) {
		n += *c == '\n';
	}
	return n;
}

/* Whether the text is one certificate; what is wrong with it was said. */
static rg_err check_alone(struct unpacking *unpacking, const struct xml_node *content,
	const char *certificate, bool *ret_is_good)
{
	scoped(pool_freep) struct pool *pool = pool_new(XML_POOL_LIMIT);
	struct xml_tree tree;
	struct text file;
	if (!pool) {
		return RG_E_NOMEM;
	}
	xml_tree_init(&tree, pool);
	text_init(&file, pool);
	add_lines(&file, lines_before(content, certificate));
	text_add_string(&file, certificate);
	if (!text_string(&file)) {
		return RG_E_NOMEM;
	}
	rg_err err = xml_read((struct rg_bytes){(const uint8_t *)file.data, file.len},
		unpacking->call, NULL, &tree, ret_is_good);
	const struct xml_node *root = *ret_is_good && !err ? tree.top.first : NULL;
	while (root && !xml_is_element(root)) {
		root = root->next;
	}
	unpacking->is_refused |= !*ret_is_good;
	if (err || !root || is_named(root, "SPSCertificate")) {
		return err;
	}
	*ret_is_good = false;
	return say(unpacking, content, RG_FINDING_ERROR, "the text holds no SPSCertificate");
}

/* A copy of an element that holds texts, as far as the hub's header goes. */
static rg_err copy_element(struct xml_tree *tree, struct xml_node *to, const struct xml_node *from)
{
	const char *name = xml_local(from->name);
	const char *qualified = pool_printf(tree->pool, "hub:%s", name);
	struct xml_node *copy = qualified ? xml_tree_add(tree, to, qualified) : NULL;
	if (!copy) {
		return RG_E_NOMEM;
	}
	copy->text = from->text;
	copy->is_real = true;
	rg_err err = RG_OK;
	for (const struct xml_node *child = from->first; child && !err; child = child->next) {
		err = xml_is_element(child) ? copy_element(tree, copy, child) : RG_OK;
	}
	return err;
}

/* The header of the envelope: what stands beside the text. */
static rg_err write_header(struct unpacking *unpacking, const struct xml_node *content,
	struct text *out)
{
	static const struct xml_layout layout = {.head = "", .newline = "", .unit = ""};
	struct xml_tree tree;
	rg_err err = RG_OK;
	xml_tree_init(&tree, unpacking->pool);
	for (const struct xml_node *node = content->parent->first; node && !err;
		node = node->next) {
		err = node != content && xml_is_element(node) ? copy_element(&tree, &tree.top, node)
							      : RG_OK;
	}
	return err ? err : xml_write(&tree, &layout, out);
}

static rg_err take_content(struct unpacking *unpacking, const struct xml_node *content)
{
	const char *certificate = skip_declaration(content->text);
	bool is_good = false;
	struct text file;
	if (++unpacking->n_contents > CONTENTS_MAX) {
		return say(unpacking, content, RG_FINDING_ERROR,
			"more than 1,000 certificates in one file");
	}
	if (!xml_is_leaf(content) || certificate[0] != '<') {
		return say(unpacking, content, RG_FINDING_ERROR,
			"Content does not hold a certificate as a text of XML");
	}
	rg_err err = check_alone(unpacking, content, certificate, &is_good);
	if (err || !is_good) {
		return err;
	}
	text_init(&file, unpacking->pool);
	text_add_string(&file, "<eph:ePhytoEnvelope");
	add_lines(&file, lines_before(content, certificate));
	text_add_string(&file,
		" xmlns:eph=\"http://ephyto.ippc.int/\""
		" xmlns:hub=\"http://ephyto.ippc.int/HUB.Entities\">");
	err = write_header(unpacking, content, &file);
	text_add_string(&file, certificate);
	text_add_string(&file, "</eph:ePhytoEnvelope>");
	if (!err && !text_string(&file)) {
		return RG_E_NOMEM;
	}
	const struct rg_bytes bytes = {(const uint8_t *)file.data, file.len};
	return err ? err : unpacking->then(unpacking->format, bytes, unpacking->call);
}

static bool is_credential(const struct xml_node *node)
{
	const char *const *name = sps_credentials;
	while (*name && !is_named(node, *name)) {
		name++;
	}
	return *name != NULL;
}

/* Depth first; the depth of a tree is bounded. */
static rg_err take_node(struct unpacking *unpacking, const struct xml_node *node)
{
	rg_err err = RG_OK;
	if (is_credential(node)) {
		const char *path = xml_tree_path(&unpacking->tree, node);
		return path ? rg_call_lost(unpacking->call, path,
				      "a credential: it never leaves the system that stated it")
			    : RG_E_NOMEM;
	}
	if (is_named(node, "Content")) {
		return take_content(unpacking, node);
	}
	for (const struct xml_node *child = node->first; child && !err; child = child->next) {
		err = xml_is_element(child) && !unpacking->is_refused ? take_node(unpacking, child)
								      : RG_OK;
	}
	return err;
}

/* Whether an element of one of these names stands inside. */
static bool holds(const struct xml_node *node, const char *const names[], size_t n_names)
{
	bool is_it = false;
	for (size_t i = 0; i < n_names && !is_it; i++) {
		is_it = is_named(node, names[i]);
	}
	for (const struct xml_node *child = node->first; child && !is_it; child = child->next) {
		is_it = holds(child, names, n_names);
	}
	return is_it;
}

/* A certificate as elements has contents too, of its notes: that file is read as always. */
static rg_err unpack(struct unpacking *unpacking, struct rg_bytes native)
{
	static const char *const elements[] = {"SPSCertificate"};
	static const char *const contents[] = {"Content"};
	bool is_ok = false;
	xml_tree_init(&unpacking->tree, unpacking->pool);
	rg_err err = xml_read(native, unpacking->call, NULL, &unpacking->tree, &is_ok);
	const struct xml_node *top = &unpacking->tree.top;
	if (err || !is_ok) {
		return err;
	}
	if (holds(top, elements, 1) || !holds(top, contents, 1)) {
		return unpacking->then(unpacking->format, native, unpacking->call);
	}
	err = take_node(unpacking, top);
	return err || unpacking->n_contents > 0
		? err
		: say(unpacking, top->first, RG_FINDING_ERROR, "the file holds no certificate");
}

static rg_err each_certificate(struct unpacking *unpacking, struct rg_bytes native)
{
	if (!may_hold_text(native)) {
		return unpacking->then(unpacking->format, native, unpacking->call);
	}
	scoped(pool_freep) struct pool *pool = pool_new(XML_POOL_LIMIT);
	unpacking->pool = pool;
	return pool ? unpack(unpacking, native) : RG_E_NOMEM;
}

rg_err sps_decode(const struct rg_format *format, struct rg_bytes native, struct rg_call *call)
{
	struct unpacking unpacking = {.format = format, .call = call, .then = xml_decode};
	return each_certificate(&unpacking, native);
}

rg_err sps_validate(const struct rg_format *format, struct rg_bytes native, struct rg_call *call)
{
	struct unpacking unpacking = {.format = format, .call = call, .then = xml_validate};
	return each_certificate(&unpacking, native);
}
