export function announce(): void {
  const place = document.querySelector("#script-result");
  if (place) place.textContent = "script has run";
}
