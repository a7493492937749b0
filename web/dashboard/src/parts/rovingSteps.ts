/** Moves of the arrow keys in a list whose rows have controls. Pure. */

export interface Place {
	readonly row: number;
	/** Index of the control in its row. */
	readonly control: number;
}

/**
 * The place after a key; null if the key does not move. `counts`: controls of each row; `first`: index of the first row below the
 * heads, to which Home leads. A row with other controls is entered at its first one. In a single row, Home and End are its ends.
 */
export function moved(counts: readonly number[], first: number, at: Place, key: string): Place | null {
	const last = counts.length - 1;
	switch (key) {
		case "ArrowDown":
			return toRow(counts, at, at.row + 1);
		case "ArrowUp":
			return toRow(counts, at, at.row - 1);
		case "ArrowRight":
			return toControl(counts, at, at.control + 1);
		case "ArrowLeft":
			return toControl(counts, at, at.control - 1);
		case "Home":
			return last === 0 ? { row: 0, control: 0 } : toRow(counts, at, first);
		case "End":
			return last === 0 ? { row: 0, control: (counts[0] ?? 1) - 1 } : toRow(counts, at, last);
		default:
			return null;
	}
}

function toRow(counts: readonly number[], at: Place, row: number): Place | null {
	if (counts[row] === undefined) return null;
	return { row, control: counts[row] === counts[at.row] ? at.control : 0 };
}

function toControl(counts: readonly number[], at: Place, control: number): Place | null {
	const inside = control >= 0 && control < (counts[at.row] ?? 0);
	return inside ? { row: at.row, control } : null;
}
