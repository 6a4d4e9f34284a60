"""A language model asked for labels, zero-shot or few-shot, through any endpoint that speaks OpenAI's chat interface.

`client` alone speaks to the endpoint; `prompts` words the question and reads the answer; `cache` keeps every answer;
`budget` stops before a limit; `run` puts them together and writes the predictions.
"""
