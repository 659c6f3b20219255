/*
 * Viet Nam: Department of Customs, VNACCS/VCIS
 *
 * Threads: constants only.
 */
#include <rivergate/adapter.h>

#include "formats/naccs/format.h"
#include "formats/vn-vnaccs/vn.h"

static const struct rg_format formats[] = {
	{
		.name = "vn-vnaccs",
		.version = VN_VNACCS_VERSION,
		.media_type = "text/plain;charset=utf-8",
		.unverified = VN_VNACCS_UNVERIFIED,
		.profile = &vn_vnaccs_profile,
		NACCS_FORMAT_FUNCTIONS,
	},
};

RG_API const struct rg_adapter rg_adapter = {
	.abi = RG_ADAPTER_ABI,
	.cc = "vn",
	.name = "Viet Nam",
	.authority = "Viet Nam Customs, Ministry of Finance",
	.formats = formats,
	.n_formats = sizeof(formats) / sizeof(formats[0]),
};
