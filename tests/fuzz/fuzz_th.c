/*
 * A Thai message, with a site's own names or without: decoded, encoded and decoded again, it
 * says the same, and checking it against the layout table answers.
 *
 * Bytes that begin with the head of a file of names are one, up to the first `<`.
 */

#include "formats/th-ecustoms/th.h"
#include "formats/xml/format.h"
#include "round_trip.h"

int fuzz_th(const uint8_t *data, size_t len);

static const struct rg_format format = {
	.name = "th-ecustoms",
	.version = TH_ECUSTOMS_VERSION,
	.media_type = "application/xml",
	.profile = &th_ecustoms_message,
	.detect = xml_detect,
	.decode = xml_decode,
	.encode = xml_encode,
	.validate = th_validate,
	.check_names = xml_check_names,
	.detect_named = xml_detect_named,
};
static const struct rg_adapter adapter = {.abi = RG_ADAPTER_ABI,
	.cc = "th",
	.name = "",
	.authority = "",
	.formats = &format,
	.n_formats = 1};

/* Checks the names alone, or the file by them. */
static void judge(struct rg_bytes names, const struct rg_bytes *native)
{
	const struct plugin_format both = {&adapter, &format};
	struct conversion *conversion = NULL;
	if (convert_new(&conversion)) {
		abort();
	}
	convert_set_names(conversion, &both, names);
	if (native ? convert_validate(conversion, &both, *native)
		   : convert_check_names(conversion, &both)) {
		abort();
	}
	convert_free(conversion);
}

int fuzz_th(const uint8_t *data, size_t len)
{
	static const char head[] = "ours,site\n";
	bool has_names = len >= sizeof(head) - 1 && memcmp(data, head, sizeof(head) - 1) == 0;
	const uint8_t *end = has_names ? memchr(data, '<', len) : data;
	size_t n_names = end ? (size_t)(end - data) : len;
	struct rg_bytes names = {data, n_names};
	struct rg_bytes native = {data + n_names, len - n_names};
	judge(names, NULL);
	judge(names, &native);
	round_trip_named(&adapter, native, names);
	return 0;
}
