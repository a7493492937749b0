import { TextField } from "./TextField";

// The gateway's bound, of every search.
const LONGEST = 200;

interface Props {
	label: string;
	/** Shorter than the label, where there is little room. */
	placeholder?: string;
	value: string;
	onValue: (value: string) => void;
}

/** Words to look for; the label is its placeholder. */
export function SearchField({ label, placeholder = label, value, onValue }: Props) {
	return (
		<TextField
			label={label}
			hideLabel
			type="search"
			placeholder={placeholder}
			maxLength={LONGEST}
			value={value}
			onValue={onValue}
		/>
	);
}
