#ifndef CODES_CODES_H
#define CODES_CODES_H

/*
 * Code lists and their counterparts
 *
 * A table pairs the code of one list (national) with that of another (international, or
 * the English name where a list stands for itself). The rows are CSV files of this folder,
 * with their sources in MANIFEST.tsv; tables.csv says which columns make which table, and
 * generate.py turns them into sorted arrays when the project is built. To add a code, add
 * a line; to add a list, add a file, a row of tables.csv and a line here.
 *
 * Codes are compared byte by byte: upper case is the caller's.
 */

#include <stddef.h>

struct code_pair {
	const char *from;
	const char *to;
};

/* Both sides sorted by `from`. Of several rows for one code the first of the file counts. */
struct code_table {
	const struct code_pair *in; /* national to international */
	size_t n_in;
	const struct code_pair *out; /* international to national */
	size_t n_out;
};

/* The counterpart of a national code of this length; NULL: the list has none. */
const char *code_international(const struct code_table *table, const char *code, size_t len);
/* The national code for an international one; NULL: the list has none. */
const char *code_national(const struct code_table *table, const char *code);

/* E and I; Direction of declaration.proto. */
extern const struct code_table code_flows;
/* ISO 3166-1. Of alpha-2: name. */
extern const struct code_table code_countries, code_countries_alpha3, code_countries_numeric;
/* ISO 4217. Of the letters: name. */
extern const struct code_table code_currencies, code_currencies_numeric;
/* UN/ECE Recommendation 20 (units) and 21 (packages): name. */
extern const struct code_table code_units, code_packages;

/* China, tables of the General Administration of Customs, and their counterparts. */
extern const struct code_table code_cn_countries;      /* 05; ISO 3166-1 alpha-2 */
extern const struct code_table code_cn_currencies;     /* 09; ISO 4217 */
extern const struct code_table code_cn_units;          /* 11; Rec 20 */
extern const struct code_table code_cn_packages;       /* 13; Rec 21 */
extern const struct code_table code_cn_modes;          /* 02; UN/ECE Recommendation 19 */
extern const struct code_table code_cn_countries_old;  /* 05 before 2018; ISO 3166-1 alpha-2 */
extern const struct code_table code_cn_currencies_old; /* 09 before 2018; ISO 4217 */
extern const struct code_table code_cn_packages_old;   /* 13 before 2018; Rec 21 */
extern const struct code_table code_cn_terms;          /* 08; Incoterms */
extern const struct code_table code_cn_containers;     /* 10; ISO 6346 size and type */
extern const struct code_table code_cn_posts;          /* 14, border posts; UN/LOCODE */

/*
 * CHANNEL of DEC_RESULT, and ResponseCode 0: the Outcome or DecisionStatus that it means.
 * A code stands in one of the two only.
 */
extern const struct code_table code_cn_channel_outcomes, code_cn_channel_decisions;

/* returnStatus of the e-commerce messages, likewise. */
extern const struct code_table code_cn_ceb_outcomes, code_cn_ceb_decisions;
/* FunctionCode of a WCO response, and the action code of a movement's, likewise. */
extern const struct code_table code_wco_outcomes, code_wco_decisions, code_wco_movement_outcomes;
/* Thailand, lists of the Customs Department, and their counterparts. */
extern const struct code_table code_th_countries;               /* RFICC; ISO 3166-1 alpha-2 */
extern const struct code_table code_th_units;                   /* RFUNT; Rec 20 */
extern const struct code_table code_th_packages;                /* REFPKG; Rec 21 */
extern const struct code_table code_th_areas;                   /* RFARS, places; UN/LOCODE */
extern const struct code_table code_th_provinces;               /* REFPRV; ISO 3166-2 */
extern const struct code_table code_th_modes;                   /* UN/ECE Recommendation 19 */
extern const struct code_table code_th_privileges;              /* REFPVC; themselves */
extern const struct code_table code_th_containers;              /* ISO 6346; themselves */
extern const struct code_table code_th_duties, code_th_reasons; /* English name */
/* All codes of the lists above, those without counterpart too; themselves. */
extern const struct code_table code_th_country_codes, code_th_unit_codes, code_th_package_codes,
	code_th_area_codes, code_th_mode_codes, code_th_answer_codes;

/* Of answers: the Outcome or DecisionStatus that a code means; it stands in one of them only. */
extern const struct code_table code_th_answer_outcomes, code_th_answer_decisions;

/* Data element and code of an EDIFACT answer, "7365 4": as above. */
extern const struct code_table code_edifact_outcomes, code_edifact_decisions;

/* StatusCode of an SPSCertificate; CertificateState of certificate.proto. */
extern const struct code_table code_sps_states;
/* HUBTrackingInfo of the IPPC hub; Outcome. */
extern const struct code_table code_sps_tracking;

#endif
