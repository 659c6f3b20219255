/*
 * Myanmar: Customs Department, MACCS
 *
 * Threads: constants only.
 */
#include <rivergate/adapter.h>

#include "formats/mm-maccs/mm.h"
#include "formats/naccs/format.h"

static const struct rg_format formats[] = {
	{
		.name = "mm-maccs",
		.version = MM_MACCS_VERSION,
		.media_type = "text/plain;charset=utf-8",
		.unverified = MM_MACCS_UNVERIFIED,
		.profile = &mm_maccs_profile,
		NACCS_FORMAT_FUNCTIONS,
	},
};

RG_API const struct rg_adapter rg_adapter = {
	.abi = RG_ADAPTER_ABI,
	.cc = "mm",
	.name = "Myanmar",
	.authority = "Myanmar Customs Department, Ministry of Planning and Finance",
	.formats = formats,
	.n_formats = sizeof(formats) / sizeof(formats[0]),
};
