/* A file of the WCO Data Model: decoded, encoded and decoded again, it says the same. */

#include <stdlib.h>
#include <string.h>

#include "formats/wco-dm/wco.h"
#include "formats/xml/format.h"
#include "host/convert.h"

int fuzz_wco(const uint8_t *data, size_t len);

static const struct rg_format formats[] = {
	{
		.name = "wco-dm",
		.version = WCO_DM_VERSION,
		.media_type = "application/xml",
		.profile = &wco_dm_profile,
		XML_FORMAT_FUNCTIONS,
	},
	{
		.name = "wco-dm-response",
		.version = WCO_DM_RESPONSE_VERSION,
		.media_type = "application/xml",
		.profile = &wco_dm_response_profile,
		XML_FORMAT_FUNCTIONS,
	},
};
static const struct rg_adapter adapter = {.abi = RG_ADAPTER_ABI,
	.cc = "",
	.name = "",
	.authority = "",
	.formats = formats,
	.n_formats = 2};

/* Decodes and encodes; NULL: refused. */
static struct conversion *pass(struct rg_bytes native, const struct rg_format *format)
{
	const struct plugin_format both = {&adapter, format};
	struct conversion *conversion = NULL;
	if (convert_new(&conversion) || convert_decode(conversion, &both, native)) {
		abort();
	}
	if (!convert_is_refused(conversion) &&
		convert_encode(conversion, &both, RG_PURPOSE_UNSPECIFIED)) {
		abort();
	}
	if (convert_is_refused(conversion)) {
		convert_free(conversion);
		return NULL;
	}
	return conversion;
}

static void check(struct rg_bytes native, const struct rg_format *format)
{
	struct conversion *first = pass(native, format);
	if (!first) {
		return;
	}
	struct rg_bytes text = convert_output(first, 0);
	struct conversion *second = pass(text, format);
	struct rg_bytes again = second ? convert_output(second, 0) : (struct rg_bytes){NULL, 0};
	if (!second || again.len != text.len || memcmp(again.data, text.data, text.len) != 0) {
		abort();
	}
	convert_free(first);
	convert_free(second);
}

int fuzz_wco(const uint8_t *data, size_t len)
{
	check((struct rg_bytes){data, len}, &formats[0]);
	check((struct rg_bytes){data, len}, &formats[1]);
	return 0;
}
