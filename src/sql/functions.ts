/**
 * The functions that users' SQL may use: a list of what is let in, so that whatever the engine has or gets beside stays out. Left out on purpose: whatever reads or writes outside (files, addresses, dictionaries, other tables), tells of the
 * server, its settings, its sessions or of other queries, waits, fails on demand, depends on how rows happen to lie in blocks, takes the name of another function as text, or makes values of types that hold states.
 */
export interface FunctionTopic {
  readonly title: string;
  readonly kind: 'scalar' | 'aggregate';
  readonly names: readonly string[];
}

const topic = (kind: FunctionTopic['kind'], title: string, names: string): FunctionTopic => ({
  title,
  kind,
  names: names.trim().split(/\s+/),
});

/** All of them, by topic, spelled as the engine spells them. */
export const FUNCTION_TOPICS: readonly FunctionTopic[] = [
  topic(
    'aggregate',
    'Aggregates',
    `count sum avg min max any anyLast anyHeavy argMin argMax sumCount sumKahan sumWithOverflow avgWeighted
    any_respect_nulls anyLast_respect_nulls singleValueOrNull
    uniq uniqExact uniqCombined uniqCombined64 uniqHLL12 uniqUpTo
    groupArray groupArrayLast groupUniqArray groupArraySorted groupArraySample groupArrayMovingSum groupArrayMovingAvg groupArrayIntersect groupConcat
    groupBitAnd groupBitOr groupBitXor topK topKWeighted approx_top_k approx_top_sum sparkbar histogram entropy boundingRatio
    deltaSum deltaSumTimestamp maxIntersections maxIntersectionsPosition intervalLengthSum`,
  ),
  topic(
    'aggregate',
    'Quantiles',
    `median quantile quantiles quantileExact quantilesExact quantileExactLow quantileExactHigh quantileExactInclusive quantileExactExclusive
    quantileTDigest quantilesTDigest quantileDD quantilesDD quantileGK quantilesGK quantileTiming quantilesTiming quantileExactWeighted quantilesExactWeighted
    medianExact medianTDigest quantileInterpolatedWeighted quantilesInterpolatedWeighted`,
  ),
  topic(
    'aggregate',
    'Statistics',
    `stddevPop stddevSamp varPop varSamp stddevPopStable stddevSampStable varPopStable varSampStable covarPop covarSamp corr corrStable
    skewPop skewSamp kurtPop kurtSamp simpleLinearRegression rankCorr studentTTest welchTTest meanZTest mannWhitneyUTest kolmogorovSmirnovTest
    cramersV cramersVBiasCorrected theilsU contingency exponentialMovingAverage exponentialTimeDecayedAvg exponentialTimeDecayedSum exponentialTimeDecayedCount`,
  ),
  topic('aggregate', 'Behaviour', 'windowFunnel retention sequenceMatch sequenceCount sequenceMatchEvents'),
  topic(
    'aggregate',
    'Windows',
    `row_number rank dense_rank denseRank percent_rank percentRank cume_dist ntile first_value last_value nth_value lag lead lagInFrame leadInFrame nonNegativeDerivative`,
  ),
  topic(
    'scalar',
    'Arithmetic and comparison',
    `plus minus multiply divide intDiv intDivOrZero intDivOrNull modulo moduloOrZero moduloOrNull positiveModulo negate abs gcd lcm sqr
    divideDecimal multiplyDecimal divideOrNull isFinite isInfinite isNaN ifNotFinite midpoint max2 min2
    equals notEquals less greater lessOrEquals greaterOrEquals isDistinctFrom isNotDistinctFrom greatest least clamp
    and or xor not in notIn nullIn notNullIn globalIn globalNotIn exists
    if multiIf caseWithExpression caseWithoutExpression transform
    isNull isNotNull isNullable coalesce ifNull nullIf assumeNotNull toNullable isZeroOrNull firstNonDefault
    bitAnd bitOr bitXor bitNot bitShiftLeft bitShiftRight bitTest bitCount bitTestAll bitTestAny bitHammingDistance`,
  ),
  topic(
    'scalar',
    'Mathematics',
    `e pi exp exp2 exp10 log log2 log10 log1p ln sqrt cbrt pow power sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh hypot
    sign sigmoid degrees radians erf erfc lgamma tgamma factorial widthBucket width_bucket
    round roundBankers floor ceil ceiling trunc truncate roundToExp2 roundDown roundAge roundDuration
    rand rand32 rand64 randCanonical randUniform randNormal`,
  ),
  topic(
    'scalar',
    'Dates and times',
    `now now64 today yesterday toDate toDate32 toDateTime toDateTime32 toDateTime64 toDateOrNull toDateOrZero toDateTimeOrNull toDateTimeOrZero toDateTime64OrNull toDateTime64OrZero toDateTimeOrDefault
    parseDateTime parseDateTimeOrNull parseDateTimeOrZero parseDateTimeBestEffort parseDateTimeBestEffortOrNull parseDateTimeBestEffortOrZero
    parseDateTime64BestEffort parseDateTime64BestEffortOrNull parseDateTime64BestEffortOrZero parseDateTimeBestEffortUS
    toYear toQuarter toMonth toDayOfYear toDayOfMonth toDayOfWeek toHour toMinute toSecond toMillisecond toISOWeek toISOYear toWeek toYearWeek toDaysInMonth
    year quarter month day dayOfYear dayOfMonth dayOfWeek hour minute second week millisecond
    toStartOfYear toStartOfISOYear toStartOfQuarter toStartOfMonth toStartOfWeek toMonday toStartOfDay toStartOfHour toStartOfMinute toStartOfSecond toStartOfMillisecond
    toStartOfFiveMinutes toStartOfTenMinutes toStartOfFifteenMinutes toStartOfInterval toLastDayOfMonth toLastDayOfWeek time_bucket date_bin
    toYYYYMM toYYYYMMDD toYYYYMMDDhhmmss toUnixTimestamp toUnixTimestamp64Second toUnixTimestamp64Milli toUnixTimestamp64Micro toUnixTimestamp64Nano
    fromUnixTimestamp fromUnixTimestamp64Second fromUnixTimestamp64Milli fromUnixTimestamp64Micro fromUnixTimestamp64Nano
    toRelativeYearNum toRelativeQuarterNum toRelativeMonthNum toRelativeWeekNum toRelativeDayNum toRelativeHourNum toRelativeMinuteNum toRelativeSecondNum
    date_trunc dateTrunc date_diff dateDiff timestampDiff timestamp_diff age date_add dateAdd date_sub dateSub timestampAdd timestampSub
    addYears addQuarters addMonths addWeeks addDays addHours addMinutes addSeconds addMilliseconds addInterval addDate
    subtractYears subtractQuarters subtractMonths subtractWeeks subtractDays subtractHours subtractMinutes subtractSeconds subtractMilliseconds subtractInterval subDate
    toIntervalYear toIntervalQuarter toIntervalMonth toIntervalWeek toIntervalDay toIntervalHour toIntervalMinute toIntervalSecond toIntervalMillisecond
    makeDate makeDate32 makeDateTime makeDateTime64 formatDateTime formatDateTimeInJodaSyntax dateName monthName timeSlot timeSlots
    toTimezone toTimeZone timezoneOf timezoneOffset toUTCTimestamp fromUTCTimestamp toTimeWithFixedDate date timestamp UTCTimestamp`,
  ),
  topic(
    'scalar',
    'Texts',
    `length lengthUTF8 char_length character_length octet_length empty notEmpty lower upper lowerUTF8 upperUTF8 lcase ucase initcap initcapUTF8 reverse reverseUTF8
    concat concatWithSeparator concat_ws substring substringUTF8 substr mid left right leftUTF8 rightUTF8 substringIndex substringIndexUTF8
    trim trimLeft trimRight trimBoth ltrim rtrim leftPad rightPad leftPadUTF8 rightPadUTF8 lpad rpad repeat startsWith endsWith startsWithUTF8 endsWithUTF8
    appendTrailingCharIfAbsent ascii soundex format isValidUTF8 toValidUTF8
    position positionUTF8 positionCaseInsensitive positionCaseInsensitiveUTF8 locate countSubstrings countSubstringsCaseInsensitive hasToken hasTokenCaseInsensitive hasTokenOrNull hasSubsequence
    like notLike ilike notILike match extract extractAll extractGroups regexpExtract countMatches countMatchesCaseInsensitive
    replace replaceOne replaceAll replaceRegexpOne replaceRegexpAll regexp_replace translate translateUTF8 overlay
    splitByChar splitByString splitByRegexp splitByWhitespace splitByNonAlpha alphaTokens arrayStringConcat tokens ngrams
    hex unhex bin unbin char base64Encode base64Decode tryBase64Decode base64URLEncode base64URLDecode normalizeUTF8NFC
    MD5 SHA1 SHA256 cityHash64 sipHash64 sipHash128 xxHash64 xxHash32 farmHash64 murmurHash3_64 murmurHash3_32 halfMD5 intHash32 intHash64
    formatReadableQuantity formatReadableSize formatReadableDecimalSize formatReadableTimeDelta bar
    generateUUIDv4 generateUUIDv7 toUUID toUUIDOrNull toUUIDOrZero UUIDv7ToDateTime`,
  ),
  topic(
    'scalar',
    'Addresses of pages',
    `protocol domain domainWithoutWWW topLevelDomain firstSignificantSubdomain cutToFirstSignificantSubdomain port path pathFull queryString fragment queryStringAndFragment
    extractURLParameter extractURLParameters extractURLParameterNames URLHierarchy URLPathHierarchy cutWWW cutQueryString cutFragment cutQueryStringAndFragment cutURLParameter
    decodeURLComponent encodeURLComponent decodeURLFormComponent encodeURLFormComponent netloc`,
  ),
  topic(
    'scalar',
    'JSON',
    `JSONHas JSONLength JSONType JSONExtract JSONExtractString JSONExtractInt JSONExtractUInt JSONExtractFloat JSONExtractBool JSONExtractRaw JSONExtractKeys JSONExtractArrayRaw JSONExtractKeysAndValues JSONExtractKeysAndValuesRaw
    JSON_VALUE JSON_QUERY JSON_EXISTS JSONArrayLength isValidJSON toJSONString
    simpleJSONHas simpleJSONExtractString simpleJSONExtractInt simpleJSONExtractUInt simpleJSONExtractFloat simpleJSONExtractBool simpleJSONExtractRaw`,
  ),
  topic(
    'scalar',
    'Conversion',
    `CAST _CAST accurateCast accurateCastOrNull toString toFixedString toBool toTypeName toColumnTypeName toLowCardinality materialize identity
    toInt8 toInt16 toInt32 toInt64 toInt128 toInt256 toUInt8 toUInt16 toUInt32 toUInt64 toUInt128 toUInt256 toFloat32 toFloat64
    toInt8OrNull toInt16OrNull toInt32OrNull toInt64OrNull toUInt8OrNull toUInt16OrNull toUInt32OrNull toUInt64OrNull toFloat32OrNull toFloat64OrNull
    toInt8OrZero toInt16OrZero toInt32OrZero toInt64OrZero toUInt8OrZero toUInt16OrZero toUInt32OrZero toUInt64OrZero toFloat32OrZero toFloat64OrZero
    toInt64OrDefault toUInt64OrDefault toFloat64OrDefault toInt32OrDefault toUInt32OrDefault
    toDecimal32 toDecimal64 toDecimal128 toDecimal32OrNull toDecimal64OrNull toDecimal128OrNull toDecimal64OrZero toDecimal128OrZero toDecimalString
    toIPv4 toIPv4OrNull toIPv6 toIPv6OrNull IPv4NumToString IPv4StringToNum isIPv4String isIPv6String isIPAddressInRange`,
  ),
  topic(
    'scalar',
    'Lists',
    `array range arrayElement arrayElementOrNull arrayJoin arrayConcat arraySlice arrayPushBack arrayPushFront arrayPopBack arrayPopFront arrayFlatten arrayCompact
    has hasAll hasAny hasSubstr indexOf countEqual arrayCount arrayExists arrayAll arrayFirst arrayLast arrayFirstIndex arrayLastIndex arrayFirstOrNull arrayLastOrNull
    arrayMap arrayFilter arrayFill arrayReverseFill arraySplit arrayReverseSplit arrayFold arraySum arrayAvg arrayMin arrayMax arrayProduct arrayCumSum arrayCumSumNonNegative arrayDifference
    arraySort arrayReverseSort arrayPartialSort arrayPartialReverseSort arrayReverse arrayDistinct arrayUniq arrayIntersect arrayUnion arrayExcept arrayZip arrayZipUnaligned
    arrayEnumerate arrayEnumerateUniq arrayEnumerateDense arrayJaccardIndex arrayShiftLeft arrayShiftRight arrayRotateLeft arrayRotateRight arrayRemove
    emptyArrayString emptyArrayUInt64 emptyArrayInt64 emptyArrayFloat64 lambda`,
  ),
  topic(
    'scalar',
    'Tuples and maps',
    `tuple tupleElement tupleConcat map mapFromArrays mapKeys mapValues mapContains mapContainsKey mapContainsValue mapFilter mapApply mapSort mapAdd mapSubtract mapUpdate mapConcat`,
  ),
  topic(
    'scalar',
    'Grouping and statistics',
    `grouping finalizeAggregation minSampleSizeConversion minSampleSizeContinuous proportionsZTest seriesDecomposeSTL seriesOutliersDetectTukey`,
  ),
];

/** Endings that make another aggregate of an aggregate: `sumIf`, `uniqState`, `avgOrNull`. */
export const COMBINATORS = [
  'If',
  'Array',
  'Map',
  'Distinct',
  'OrDefault',
  'OrNull',
  'ForEach',
  'ArgMin',
  'ArgMax',
  'State',
  'SimpleState',
  'Merge',
] as const;

const COMBINATORS_MAX = 3;

/** What the engine itself puts into a tree that it has resolved. */
const INTERNAL = ['_CAST', 'nothing', 'ignore', '__actionName', '__getScalar', '__scalarSubqueryResult'];

const namesOf = (kind: FunctionTopic['kind']): readonly string[] =>
  FUNCTION_TOPICS.filter((each) => each.kind === kind).flatMap(({ names }) => names);

/** Every name of the list. */
export const FUNCTION_NAMES: readonly string[] = FUNCTION_TOPICS.flatMap(({ names }) => names);

const lowerCased = (names: readonly string[]): ReadonlySet<string> =>
  new Set(names.map((name) => name.toLowerCase()));

const SCALARS = lowerCased(namesOf('scalar'));
const AGGREGATES = lowerCased(namesOf('aggregate'));
const INTERNALS = lowerCased(INTERNAL);

const isAggregate = (name: string, endings: number): boolean => {
  if (AGGREGATES.has(name.toLowerCase())) return true;
  if (endings === 0) return false;
  return COMBINATORS.some(
    (ending) => name.endsWith(ending) && isAggregate(name.slice(0, -ending.length), endings - 1),
  );
};

/** Whether a statement may name a function. Upper and lower case do not matter: of some functions they do to the engine, which then does not know the name. */
export const mayCall = (name: string): boolean =>
  SCALARS.has(name.toLowerCase()) || isAggregate(name, COMBINATORS_MAX);

/** Whether a function may stand in what the engine made of a statement. */
export const mayResolveTo = (name: string): boolean => mayCall(name) || INTERNALS.has(name.toLowerCase());
