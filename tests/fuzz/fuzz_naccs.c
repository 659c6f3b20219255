/*
 * A national file of the NACCS family: what is accepted comes out again byte for byte,
 * but for the credentials of each header, which come out blank.
 */

#include <stdlib.h>
#include <string.h>

#include "formats/naccs/format.h"
#include "formats/vn-vnaccs/vn.h"
#include "host/convert.h"

int fuzz_naccs(const uint8_t *data, size_t len);

#define HEADER    400
#define SECRETS   29
#define N_SECRETS 16

static const struct rg_format format = {
	.name = "vn-vnaccs",
	.version = VN_VNACCS_VERSION,
	.media_type = "text/plain",
	.profile = &vn_vnaccs_profile,
	NACCS_FORMAT_FUNCTIONS,
};
static const struct rg_adapter adapter = {.abi = RG_ADAPTER_ABI,
	.cc = "vn",
	.name = "",
	.authority = "",
	.formats = &format,
	.n_formats = 1};

static void assert_same(const struct conversion *conversion, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < convert_n_outputs(conversion); i++) {
		struct rg_bytes out = convert_output(conversion, i);
		bool is_same = out.len >= HEADER && out.len <= len &&
			memcmp(out.data, data, SECRETS) == 0 &&
			memcmp(out.data + SECRETS + N_SECRETS, data + SECRETS + N_SECRETS,
				out.len - SECRETS - N_SECRETS) == 0;
		for (size_t j = SECRETS; is_same && j < SECRETS + N_SECRETS; j++) {
			is_same = out.data[j] == ' ';
		}
		if (!is_same) {
			abort();
		}
		data += out.len;
		len -= out.len;
	}
	if (len != 0) {
		abort();
	}
}

int fuzz_naccs(const uint8_t *data, size_t len)
{
	static const struct plugin_format both = {&adapter, &format};
	struct conversion *conversion = NULL;
	struct rg_bytes native = {data, len};
	if (convert_new(&conversion) || convert_decode(conversion, &both, native)) {
		abort();
	}
	if (!convert_is_refused(conversion)) {
		if (convert_encode(conversion, &both, RG_PURPOSE_UNSPECIFIED) ||
			convert_is_refused(conversion)) {
			abort();
		}
		assert_same(conversion, data, len);
	}
	convert_free(conversion);
	return 0;
}
