import "./LimitNotice.css";
import { charactersLeft, isNearLimit } from "./writtenText";

interface Props {
	text: string;
	limit: number;
	id?: string;
	t: { count(stem: "characters_left" | "characters_over", n: number): string };
}

/** How many characters are left near a limit, or how many are too many. A field never cuts a text. */
export function LimitNotice({ text, limit, id, t }: Props) {
	const left = charactersLeft(text, limit);
	const near = isNearLimit(left, limit);
	return (
		<p id={id} class={left < 0 ? "limit limit-over" : "limit"} role="status">
			{left < 0 ? t.count("characters_over", -left) : near ? t.count("characters_left", left) : null}
		</p>
	);
}
