/*
 * Code lists of the China Single Window and their international counterparts
 *
 * Where several of our codes share a counterpart, the first is written.
 *
 * Threads: constants only.
 */
#include "formats/cn-dec/codes.h"

#define CODES(rows) \
	{ \
		rows, sizeof(rows) / sizeof(rows[0]) \
	}

/* Table 11; counterparts of UN/ECE Rec 20. */
static const struct xml_code units[] = {
	{"035", "KGM"}, /* kilogram */
	{"036", "GRM"}, /* gram */
	{"070", "TNE"}, /* tonne */
	{"071", "LTN"}, /* long ton */
	{"072", "STN"}, /* short ton */
	{"076", "LBR"}, /* pound */
	{"083", "ONZ"}, /* ounce */
	{"084", "CTM"}, /* carat */
	{"030", "MTR"}, /* metre */
	{"147", "KMT"}, /* kilometre */
	{"067", "FOT"}, /* foot */
	{"086", "YRD"}, /* yard */
	{"088", "INH"}, /* inch */
	{"032", "MTK"}, /* square metre */
	{"110", "YDK"}, /* square yard */
	{"111", "FTK"}, /* square foot */
	{"033", "MTQ"}, /* cubic metre */
	{"099", "FTQ"}, /* cubic foot */
	{"095", "LTR"}, /* litre */
	{"096", "MLT"}, /* millilitre */
	{"097", "GLI"}, /* imperial gallon */
	{"098", "GLL"}, /* US gallon */
	{"061", "KWT"}, /* kilowatt */
	{"062", "KWH"}, /* kilowatt hour */
	{"060", "KVA"}, /* kilovolt ampere */
	{"011", "H87"}, /* piece */
	{"007", "C62"}, /* one */
	{"006", "SET"}, /* set */
	{"025", "PR"},  /* pair */
	{"127", "DZN"}, /* dozen */
	{"009", "HEA"}, /* head */
	{"129", "GRO"}, /* gross */
};

/* Table 13; counterparts of UN/ECE Rec 21. */
static const struct xml_code packages[] = {
	{"00", "VR"}, /* bulk, solid, granular */
	{"00", "VO"}, /* bulk, solid, large particles */
	{"00", "VY"}, /* bulk, solid, fine particles */
	{"00", "VL"}, /* bulk, liquid */
	{"00", "VQ"}, /* bulk, liquefied gas */
	{"00", "VG"}, /* bulk, gas */
	{"01", "NE"}, /* unpacked or unpackaged */
	{"01", "NF"}, /* unpacked, single unit */
	{"01", "NG"}, /* unpacked, multiple units */
	{"06", "BG"}, /* bag */
	{"06", "SA"}, /* sack */
	{"06", "BL"}, /* bale, compressed */
	{"22", "CT"}, /* carton */
	{"22", "4G"}, /* box, fibreboard */
	{"23", "8B"}, /* crate, wooden */
	{"23", "7B"}, /* case, wooden */
	{"23", "4C"}, /* box, natural wood */
	{"29", "4H"}, /* box, plastic */
	{"32", "1G"}, /* drum, fibre */
	{"33", "1W"}, /* drum, wooden */
};

/* Table 02; counterparts of UN/ECE Rec 19. */
static const struct xml_code modes[] = {
	{"2", "1"}, /* water */
	{"3", "2"}, /* rail */
	{"4", "3"}, /* road */
	{"5", "4"}, /* air */
	{"6", "5"}, /* mail */
	{"G", "7"}, /* fixed installations */
	{"9", "9"}, /* other */
};

/* Table 08. */
static const struct xml_code terms[] = {
	{"1", "CIF"},
	{"2", "CFR"},
	{"2", "C&F"},
	{"3", "FOB"},
	{"7", "EXW"},
};

static const struct xml_code directions[] = {
	{"E", "DIRECTION_EXPORT"},
	{"I", "DIRECTION_IMPORT"},
};

const struct xml_codes cn_dec_units = CODES(units);
const struct xml_codes cn_dec_packages = CODES(packages);
const struct xml_codes cn_dec_modes = CODES(modes);
const struct xml_codes cn_dec_terms = CODES(terms);
const struct xml_codes cn_dec_directions = CODES(directions);
