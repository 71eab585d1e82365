// Copies the link of a piece. Without this script, or where a browser has no clipboard for us, there is no button.
for (const row of navigator.clipboard ? document.querySelectorAll(".copying") : []) {
  const [button, status] = row.children;
  row.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copies);
      status.textContent = status.dataset.said;
    } catch {
      status.textContent = status.dataset.failed;
    }
  });
}
