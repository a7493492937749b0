import { useText } from "../texts/useText";

/** Number of unread messages; nothing for 0. */
export function UnreadBadge({ count }: { count: number }) {
	const t = useText();
	if (count === 0) return null;
	return (
		<span class="badge badge-strong">
			{count}
			<span class="visually-hidden"> {t("unread_word")}</span>
		</span>
	);
}
