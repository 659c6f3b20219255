/*
 * Viet Nam VNACCS/VCIS: the messages and their layouts
 *
 * Messages that have no row here are decoded line by line into extensions.
 *
 * Threads: constants only.
 */
#include "formats/vn-vnaccs/vn.h"

static const char imports[] = "DIRECTION_IMPORT";
static const char exports[] = "DIRECTION_EXPORT";

static const char registered[] = "DECISION_STATUS_REGISTERED";
static const char released[] = "DECISION_STATUS_RELEASED";
static const char conditional[] = "DECISION_STATUS_RELEASED_CONDITIONAL";
static const char inspect[] = "DECISION_STATUS_INSPECT";

static const struct naccs_message messages[] = {
	/* Register, call up, declare, and the same for corrections. */
	{"IDA", NACCS_REQUEST, imports, &vn_vnaccs_ida, NULL},
	{"IDA01", NACCS_REQUEST, imports, &vn_vnaccs_ida, NULL},
	{"IDB", NACCS_REQUEST, imports, &vn_vnaccs_idb, NULL},
	{"IDC", NACCS_REQUEST, imports, &vn_vnaccs_idc, NULL},
	{"IDD", NACCS_REQUEST, imports, &vn_vnaccs_idd, NULL},
	{"IDE", NACCS_REQUEST, imports, &vn_vnaccs_idc, NULL},
	{"EDA", NACCS_REQUEST, exports, &vn_vnaccs_eda, NULL},
	{"EDA01", NACCS_REQUEST, exports, &vn_vnaccs_eda, NULL},
	{"EDB", NACCS_REQUEST, exports, &vn_vnaccs_edb, NULL},
	{"EDC", NACCS_REQUEST, exports, &vn_vnaccs_edc, NULL},
	{"EDD", NACCS_REQUEST, exports, &vn_vnaccs_edd, NULL},
	{"EDE", NACCS_REQUEST, exports, &vn_vnaccs_edc, NULL},
	/* Small values: declare, call up, correct. */
	{"MIC", NACCS_REQUEST, imports, &vn_vnaccs_mic, NULL},
	{"MID", NACCS_REQUEST, imports, &vn_vnaccs_mid, NULL},
	{"MIE", NACCS_REQUEST, imports, &vn_vnaccs_mic, NULL},
	{"MEC", NACCS_REQUEST, exports, &vn_vnaccs_mec, NULL},
	{"MED", NACCS_REQUEST, exports, &vn_vnaccs_med, NULL},
	{"MEE", NACCS_REQUEST, exports, &vn_vnaccs_mec, NULL},
	/* What is called up comes back in the layout in which it is sent. */
	{"VAD419", NACCS_REPLY, imports, &vn_vnaccs_ida, NULL},
	{"VAD424", NACCS_REPLY, imports, &vn_vnaccs_ida, NULL},
	/* Import: copies, channel, release request; cleared, released; small values. */
	{"VAD0AA", NACCS_REPLY, imports, &vn_vnaccs_vad1ac, registered},
	{"VAD0AB", NACCS_REPLY, imports, &vn_vnaccs_vad1ac, NULL},
	{"VAD1AC", NACCS_REPLY, imports, &vn_vnaccs_vad1ac, naccs_by_channel},
	{"VAD1BK", NACCS_REPLY, imports, &vn_vnaccs_vad1ac, NULL},
	{"VAD1RC", NACCS_REPLY, imports, &vn_vnaccs_vad1ac, NULL},
	{"VAD1AG", NACCS_REPLY, imports, &vn_vnaccs_vad1ag, released},
	{"VAD1BJ", NACCS_REPLY, imports, &vn_vnaccs_vad1ag, conditional},
	{"VAD1RG", NACCS_REPLY, imports, &vn_vnaccs_vad1ag, NULL},
	{"VAD1FC", NACCS_REPLY, imports, &vn_vnaccs_vad1fc, naccs_by_channel},
	{"VAD1FG", NACCS_REPLY, imports, &vn_vnaccs_vad1fc, released},
	/* Inspection ordered, cancelled (export: 474, 478); order to amend. */
	{"VAD487", NACCS_REPLY, imports, &vn_vnaccs_vad487, inspect},
	{"VAD491", NACCS_REPLY, imports, &vn_vnaccs_vad487, NULL},
	{"VAD800", NACCS_REPLY, imports, &vn_vnaccs_vad800, NULL},
	/* Export: the same. */
	{"VAE0LA", NACCS_REPLY, exports, &vn_vnaccs_vae1ld, registered},
	{"VAE0LB", NACCS_REPLY, exports, &vn_vnaccs_vae1ld, NULL},
	{"VAE1LD", NACCS_REPLY, exports, &vn_vnaccs_vae1ld, naccs_by_channel},
	{"VAE1RD", NACCS_REPLY, exports, &vn_vnaccs_vae1ld, NULL},
	{"VAE1LF", NACCS_REPLY, exports, &vn_vnaccs_vae1lf, released},
	{"VAE1RF", NACCS_REPLY, exports, &vn_vnaccs_vae1lf, NULL},
	{"VAE1JD", NACCS_REPLY, exports, &vn_vnaccs_vae1jd, naccs_by_channel},
	{"VAE1JF", NACCS_REPLY, exports, &vn_vnaccs_vae1jd, released},
	{"VAE800", NACCS_REPLY, exports, &vn_vnaccs_vae800, NULL},
};

const struct naccs_profile vn_vnaccs_profile = {
	.format = "vn-vnaccs",
	.messages = messages,
	.n_messages = sizeof(messages) / sizeof(messages[0]),
	.import_message = "IDA",
	.export_message = "EDA",
	.likelihood = 90,
};
