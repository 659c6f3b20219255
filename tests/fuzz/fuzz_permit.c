/* A certificate, a permit, a hub answer: decoded, encoded and decoded again, it says the same. */

#include <stdlib.h>
#include <string.h>

#include "formats/cites-epix/cites.h"
#include "formats/sps-ephyto/answers.h"
#include "formats/sps-ephyto/sps.h"
#include "formats/xml/format.h"
#include "host/convert.h"

int fuzz_permit(const uint8_t *data, size_t len);

static const struct rg_format formats[] = {
	{
		.name = "sps-ephyto",
		.version = SPS_EPHYTO_VERSION,
		.media_type = "application/xml",
		.profile = &sps_ephyto_profile,
		.document = "rivergate.v1.Certificate",
		XML_FORMAT_FUNCTIONS,
	},
	{
		.name = "sps-ephyto-answer",
		.version = SPS_ANSWER_VERSION,
		.media_type = "application/xml",
		.profile = &sps_answer_profile,
		XML_FORMAT_FUNCTIONS,
	},
	{
		.name = "cites-epix",
		.version = CITES_EPIX_VERSION,
		.media_type = "application/xml",
		.profile = &cites_epix_profile,
		.document = "rivergate.v1.Certificate",
		XML_FORMAT_FUNCTIONS,
	},
};

#define N_FORMATS (sizeof(formats) / sizeof(formats[0]))

static const struct rg_adapter adapter = {.abi = RG_ADAPTER_ABI,
	.cc = "",
	.name = "",
	.authority = "",
	.formats = formats,
	.n_formats = N_FORMATS};

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

int fuzz_permit(const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < N_FORMATS; i++) {
		check((struct rg_bytes){data, len}, &formats[i]);
	}
	return 0;
}
