/** Start and end of a day in the reader's time zone. `day` is `YYYY-MM-DD`. */
export function startOfDay(day: string): string {
	return new Date(`${day}T00:00:00`).toISOString();
}

export function endOfDay(day: string): string {
	return new Date(`${day}T23:59:59.999`).toISOString();
}
