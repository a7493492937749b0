import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { Button } from "./Button";
import "./CopyField.css";

/** Text with a copy button. Without access to the clipboard the text is selected instead. */
export function CopyField({ label, text }: { label: string; text: string }) {
	const { toasts } = useStores();
	const t = useText();
	const copy = async (event: MouseEvent) => {
		const words = (event.currentTarget as HTMLElement).closest(".copy-field")?.querySelector("code");
		try {
			await navigator.clipboard.writeText(text);
			toasts.show({ text: t("copied") });
		} catch {
			if (words) getSelection()?.selectAllChildren(words);
		}
	};
	return (
		<figure class="copy-field" aria-label={label}>
			<code class="copy-words">{text}</code>
			<Button icon="copy" small onClick={copy}>
				{t("copy")}
			</Button>
		</figure>
	);
}
