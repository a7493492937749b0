import { TextField } from "./TextField";

// The gateway's limit for searches.
const MAX_LENGTH = 200;

interface Props {
	label: string;
	/** Shorter text than the label, for small screens. */
	placeholder?: string;
	value: string;
	onValue: (value: string) => void;
}

/** Search field. */
export function SearchField({ label, placeholder = label, value, onValue }: Props) {
	return (
		<TextField
			label={label}
			hideLabel
			type="search"
			placeholder={placeholder}
			maxLength={MAX_LENGTH}
			value={value}
			onValue={onValue}
		/>
	);
}
