/* A national file in XML: decoded, encoded and decoded again, it says the same. */

#include <stdlib.h>
#include <string.h>

#include "formats/asycuda-sad/sad.h"
#include "formats/xml/format.h"
#include "host/convert.h"

int fuzz_xml(const uint8_t *data, size_t len);

static const struct rg_format format = {
	.name = "asycuda-sad",
	.version = ASYCUDA_SAD_VERSION,
	.media_type = "application/xml",
	.profile = &asycuda_sad_profile,
	XML_FORMAT_FUNCTIONS,
};
static const struct rg_adapter adapter = {.abi = RG_ADAPTER_ABI,
	.cc = "la",
	.name = "",
	.authority = "",
	.formats = &format,
	.n_formats = 1};

/* Decodes and encodes; NULL: refused. */
static struct conversion *pass(struct rg_bytes native)
{
	static const struct plugin_format both = {&adapter, &format};
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

int fuzz_xml(const uint8_t *data, size_t len)
{
	struct conversion *first = pass((struct rg_bytes){data, len});
	if (!first) {
		return 0;
	}
	struct rg_bytes text = convert_output(first, 0);
	struct conversion *second = pass(text);
	struct rg_bytes again = second ? convert_output(second, 0) : (struct rg_bytes){NULL, 0};
	if (!second || again.len != text.len || memcmp(again.data, text.data, text.len) != 0) {
		abort();
	}
	convert_free(first);
	convert_free(second);
	return 0;
}
