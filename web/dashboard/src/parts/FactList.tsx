import "./FactList.css";
import { useText } from "../texts/useText";

/** Names and values, one pair a line. An empty value is unknown. */
export function FactList({ facts }: { facts: readonly (readonly [name: string, value: string | null])[] }) {
	const t = useText();
	return (
		<dl class="facts">
			{facts.map(([name, value]) => (
				<div key={name} class="fact">
					<dt>{name}</dt>
					<dd dir="auto">{value || t("not_known")}</dd>
				</div>
			))}
		</dl>
	);
}
