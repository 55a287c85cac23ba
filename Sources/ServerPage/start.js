// The last of the scripts: every tab is known now.
app.start();
