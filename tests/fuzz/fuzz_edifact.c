/*
 * An EDIFACT file: what is accepted comes out again byte for byte, and validating it
 * answers.
 */

#include <stdlib.h>
#include <string.h>

#include "formats/edifact/decode.h"
#include "formats/edifact/tables.h"
#include "host/convert.h"

int fuzz_edifact(const uint8_t *data, size_t len);

static const struct rg_format formats[] = {
	{
		.name = "edifact",
		.version = EDIFACT_VERSION,
		.media_type = "application/edifact",
		.profile = &edi_profile,
		EDI_FORMAT_FUNCTIONS,
	},
	{
		.name = "edifact-response",
		.version = EDIFACT_VERSION,
		.media_type = "application/edifact",
		.profile = &edi_response_profile,
		EDI_FORMAT_FUNCTIONS,
	},
};
static const struct rg_adapter adapter = {.abi = RG_ADAPTER_ABI,
	.cc = "",
	.name = "",
	.authority = "",
	.formats = formats,
	.n_formats = 2};

static void assert_same(const struct conversion *conversion, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < convert_n_outputs(conversion); i++) {
		struct rg_bytes out = convert_output(conversion, i);
		if (out.len > len || memcmp(out.data, data, out.len) != 0) {
			abort();
		}
		data += out.len;
		len -= out.len;
	}
	if (len != 0) {
		abort();
	}
}

static void check(const struct rg_format *format, struct rg_bytes native)
{
	struct plugin_format both = {&adapter, format};
	struct conversion *conversion = NULL;
	if (convert_new(&conversion) || convert_decode(conversion, &both, native)) {
		abort();
	}
	if (!convert_is_refused(conversion)) {
		if (convert_encode(conversion, &both, RG_PURPOSE_UNSPECIFIED) ||
			convert_is_refused(conversion)) {
			abort();
		}
		assert_same(conversion, native.data, native.len);
	}
	convert_free(conversion);
}

int fuzz_edifact(const uint8_t *data, size_t len)
{
	struct rg_bytes native = {data, len};
	for (size_t i = 0; i < 2; i++) {
		check(&formats[i], native);
	}
	return 0;
}
