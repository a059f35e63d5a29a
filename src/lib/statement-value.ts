/** A value of a parameter of a statement to the warehouse. 64-bit integers and decimals travel as text. */
export type StatementValue = string | number | readonly string[] | readonly number[];
