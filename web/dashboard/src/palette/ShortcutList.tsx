import "./ShortcutList.css";
import { Kbd } from "../keyboard/Kbd";
import { activeKeys, PLACE_KEYS, SHORTCUTS } from "../keyboard/shortcuts";
import { IconButton } from "../parts/Button";
import { Dialog } from "../parts/Dialog";
import { useStores } from "../StoresContext";
import type { TextKey } from "../texts/LanguageStore";
import { useText } from "../texts/useText";
import { SingleKeysSwitch } from "./SingleKeysSwitch";

/** Dialog with all keys. */
export function ShortcutList() {
	const { keyboard } = useStores();
	const t = useText();
	const singleKeys = keyboard.singleKeys.value;
	const lines = [
		...SHORTCUTS.map(({ name, title, text }) => ({ title, text, keys: activeKeys(name, singleKeys) })),
		...PLACE_KEYS,
	];
	const titles = [...new Set(lines.map(({ title }) => title))];
	return (
		<Dialog
			wide
			title={t("do_shortcuts")}
			tools={<IconButton icon="close" label={t("close")} onClick={() => keyboard.close()} />}
			onClose={() => keyboard.close()}
		>
			<div class="shortcuts">
				{titles.map((title) => (
					<section key={title}>
						<h3>{t(title)}</h3>
						<dl>
							{lines
								.filter((line) => line.title === title)
								.map(({ text, keys }) => (
									<Line key={text} text={text} keys={keys} />
								))}
						</dl>
					</section>
				))}
			</div>
			<div class="shortcuts-foot">
				<SingleKeysSwitch />
			</div>
		</Dialog>
	);
}

function Line({ text, keys }: { text: TextKey; keys: readonly string[] }) {
	const t = useText();
	return (
		<div class="shortcut">
			<dt>{t(text)}</dt>
			<dd>
				{keys.length === 0 ? <span class="muted">{t("keys_off")}</span> : null}
				{keys.map((one) => (
					<Kbd key={one} keys={one} />
				))}
			</dd>
		</div>
	);
}
