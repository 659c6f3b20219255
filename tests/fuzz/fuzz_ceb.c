/* An e-commerce message: decoded into documents, encoded and decoded again, it says the same. */

#include <stdlib.h>
#include <string.h>

#include "formats/cn-ceb/ceb.h"
#include "host/convert.h"

int fuzz_ceb(const uint8_t *data, size_t len);

static const struct rg_format formats[] = {
	{
		.name = "cn-ceb",
		.version = CN_CEB_VERSION,
		.media_type = "application/xml",
		.profile = &ceb_requests,
		CEB_FORMAT_FUNCTIONS,
	},
	{
		.name = "cn-ceb-receipt",
		.version = CN_CEB_VERSION,
		.media_type = "application/xml",
		.profile = &ceb_receipts,
		CEB_FORMAT_FUNCTIONS,
	},
};
static const struct rg_adapter adapter = {.abi = RG_ADAPTER_ABI,
	.cc = "cn",
	.name = "",
	.authority = "",
	.formats = formats,
	.n_formats = 2};

/* Decodes and encodes; NULL: refused. */
static struct conversion *pass(const struct rg_format *format, struct rg_bytes native)
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

static void check(const struct rg_format *format, struct rg_bytes native)
{
	struct conversion *first = pass(format, native);
	if (!first) {
		return;
	}
	struct rg_bytes text = convert_output(first, 0);
	struct conversion *second = pass(format, text);
	struct rg_bytes again = second ? convert_output(second, 0) : (struct rg_bytes){NULL, 0};
	if (!second || again.len != text.len || memcmp(again.data, text.data, text.len) != 0) {
		abort();
	}
	convert_free(first);
	convert_free(second);
}

int fuzz_ceb(const uint8_t *data, size_t len)
{
	check(&formats[0], (struct rg_bytes){data, len});
	check(&formats[1], (struct rg_bytes){data, len});
	return 0;
}
