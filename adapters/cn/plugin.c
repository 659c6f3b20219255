/*
 * China: General Administration of Customs, China International Trade Single Window
 *
 * Threads: constants only.
 */
#include <rivergate/adapter.h>

#include "formats/cn-ceb/ceb.h"
#include "formats/cn-dec/answers.h"
#include "formats/cn-dec/dec.h"
#include "formats/xml/format.h"

static const struct rg_format formats[] = {
	{
		.name = "cn-dec",
		.version = CN_DEC_VERSION,
		.media_type = "application/xml",
		.unverified = "containers, licence documents and quarantine lists follow a field "
			      "list, not a file; versions after 3.1 were not seen whole",
		.profile = &cn_dec_profile,
		XML_FORMAT_FUNCTIONS,
	},
	{
		.name = "cn-dec-response",
		.version = CN_DEC_ANSWERS_VERSION,
		.media_type = "application/xml",
		.profile = &cn_dec_response_profile,
		XML_FORMAT_FUNCTIONS,
	},
	{
		.name = "cn-dec-result",
		.version = CN_DEC_ANSWERS_VERSION,
		.media_type = "application/xml",
		.unverified = "codes J, C, 3, R and E were not seen in a file",
		.profile = &cn_dec_result_profile,
		XML_FORMAT_FUNCTIONS,
	},
	{
		.name = "cn-dec-data",
		.version = CN_DEC_ANSWERS_VERSION,
		.media_type = "application/xml",
		.unverified = "one file was seen, with most elements empty: what they hold "
			      "follows their names",
		.profile = &cn_dec_data_profile,
		XML_FORMAT_FUNCTIONS,
	},
	{
		.name = "cn-ceb",
		.version = CN_CEB_VERSION,
		.media_type = "application/xml",
		.unverified = "the edition of 2022 and its additional messages (CEB213 to CEB216) "
			      "were not seen",
		.profile = &ceb_requests,
		CEB_FORMAT_FUNCTIONS,
	},
	{
		.name = "cn-ceb-receipt",
		.version = CN_CEB_VERSION,
		.media_type = "application/xml",
		.unverified = "CEB816, CEB818 and CEB900 follow the schema, not a file; the codes "
			      "18 and 23 stand in official files without a meaning",
		.profile = &ceb_receipts,
		CEB_FORMAT_FUNCTIONS,
	},
};

RG_API const struct rg_adapter rg_adapter = {
	.abi = RG_ADAPTER_ABI,
	.cc = "cn",
	.name = "China",
	.authority = "General Administration of Customs of China (GACC)",
	.formats = formats,
	.n_formats = sizeof(formats) / sizeof(formats[0]),
};
