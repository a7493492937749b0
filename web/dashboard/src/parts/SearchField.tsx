import { charactersLeft } from "@palique/ui/writtenText";
import { useState } from "preact/hooks";
import { TextField } from "./TextField";

// The gateway's limit for searches.
const LIMIT = 200;

interface Props {
	label: string;
	showLabel?: boolean;
	/** Shorter text than the label, for small screens. */
	placeholder?: string;
	/** True for the first search field of a page. */
	main?: boolean;
	value: string;
	onValue: (value: string) => void;
}

/** Search field. A text over the limit stays in the field and is not searched. */
export function SearchField({ label, showLabel = false, placeholder = label, main, value, onValue }: Props) {
	const [tooLong, setTooLong] = useState<string | null>(null);
	const write = (text: string) => {
		const fits = charactersLeft(text, LIMIT) >= 0;
		setTooLong(fits ? null : text);
		if (fits) onValue(text);
	};
	return (
		<TextField
			label={label}
			hideLabel={!showLabel}
			type="search"
			placeholder={showLabel ? "" : placeholder}
			limit={LIMIT}
			{...(main ? { shortcut: "search" } : {})}
			value={tooLong ?? value}
			onValue={write}
		/>
	);
}
